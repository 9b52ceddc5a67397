/** sha1sum, sha256sum, sha512sum and adler32sum in plain code, because this package has no crypto module. */
import type { FunctionTable } from '../functions.ts'
import { toBytes } from '../strconv/go-string.ts'
import { ofStrings, stringType } from './define.ts'
import { PRIMES, rootBits } from './sha2-constants.ts'
import { sha256Hex } from './sha256.ts'

const ROUNDS = 80
type Rotations = readonly [bigint, bigint, bigint]
const BIG: readonly [Rotations, Rotations] = [
  [28n, 34n, 39n],
  [14n, 18n, 41n],
]
/** The last of each is a shift. */
const SMALL: readonly [Rotations, Rotations] = [
  [1n, 8n, 7n],
  [19n, 61n, 6n],
]

/** The message followed by a one bit, zeros and its length, as words. */
function paddedWords(bytes: Uint8Array, bits: 32 | 64): bigint[] {
  const block = bits * 2
  const size = Math.ceil((bytes.length + 1 + bits / 4) / block) * block
  const padded = new Uint8Array(size)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setBigUint64(size - 8, BigInt(bytes.length) * 8n)
  return Array.from({ length: size / (bits / 8) }, (_, i) =>
    bits === 32 ? BigInt(view.getUint32(i * 4)) : view.getBigUint64(i * 8),
  )
}

function hex(words: readonly bigint[], bits: number): string {
  return words.map((word) => word.toString(16).padStart(bits / 4, '0')).join('')
}

function sha512(bytes: Uint8Array): string {
  const cut = (value: bigint): bigint => BigInt.asUintN(64, value)
  const rotate = (value: bigint, by: bigint): bigint => (value >> by) | cut(value << (64n - by))
  const big = (value: bigint, [a, b, c]: Rotations): bigint =>
    rotate(value, a) ^ rotate(value, b) ^ rotate(value, c)
  const small = (value: bigint, [a, b, c]: Rotations): bigint =>
    rotate(value, a) ^ rotate(value, b) ^ (value >> c)
  const constants = PRIMES.slice(0, ROUNDS).map((prime) => rootBits(prime, 3, 64))
  let state = PRIMES.slice(0, 8).map((prime) => rootBits(prime, 2, 64))
  const words = paddedWords(bytes, 64)
  for (let block = 0; block < words.length; block += 16) {
    const schedule = words.slice(block, block + 16)
    const at = (i: number): bigint => schedule[i] ?? 0n
    for (let i = 16; i < ROUNDS; i++) {
      schedule.push(cut(at(i - 16) + small(at(i - 15), SMALL[0]) + at(i - 7) + small(at(i - 2), SMALL[1])))
    }
    let [a = 0n, b = 0n, c = 0n, d = 0n, e = 0n, f = 0n, g = 0n, h = 0n] = state
    for (let i = 0; i < ROUNDS; i++) {
      const first = h + big(e, BIG[1]) + ((e & f) ^ (cut(~e) & g)) + (constants[i] ?? 0n) + at(i)
      const second = big(a, BIG[0]) + ((a & b) ^ (a & c) ^ (b & c))
      h = g
      g = f
      f = e
      e = cut(d + first)
      d = c
      c = b
      b = a
      a = cut(first + second)
    }
    const mixed = [a, b, c, d, e, f, g, h]
    state = state.map((word, i) => cut(word + (mixed[i] ?? 0n)))
  }
  return hex(state, 64)
}

function sha1(bytes: Uint8Array): string {
  const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by))
  let state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]
  const words = paddedWords(bytes, 32).map(Number)
  for (let block = 0; block < words.length; block += 16) {
    const schedule = words.slice(block, block + 16)
    const at = (i: number): number => schedule[i] ?? 0
    for (let i = 16; i < 80; i++) schedule.push(rotate(at(i - 3) ^ at(i - 8) ^ at(i - 14) ^ at(i - 16), 1))
    let [a = 0, b = 0, c = 0, d = 0, e = 0] = state
    for (let i = 0; i < 80; i++) {
      const [mix, constant] =
        i < 20
          ? [(b & c) | (~b & d), 0x5a827999]
          : i < 40
            ? [b ^ c ^ d, 0x6ed9eba1]
            : i < 60
              ? [(b & c) | (b & d) | (c & d), 0x8f1bbcdc]
              : [b ^ c ^ d, 0xca62c1d6]
      const next = (rotate(a, 5) + mix + e + constant + at(i)) | 0
      e = d
      d = c
      c = rotate(b, 30)
      b = a
      a = next
    }
    const mixed = [a, b, c, d, e]
    state = state.map((word, i) => (word + (mixed[i] ?? 0)) | 0)
  }
  return hex(
    state.map((word) => BigInt(word >>> 0)),
    32,
  )
}

function adler32(bytes: Uint8Array): string {
  let a = 1
  let b = 0
  for (const byte of bytes) {
    a = (a + byte) % 65521
    b = (b + a) % 65521
  }
  return String(b * 65536 + a)
}

/** A digest costs some steps per block. */
function digest(sum: (bytes: Uint8Array) => string, perByte: number): FunctionTable[string] {
  return ofStrings(1, stringType, ([value = ''], { budget }) => {
    const bytes = toBytes(value)
    budget.charge(64 + Math.ceil(bytes.length * perByte))
    return sum(bytes)
  })
}

export const digests: FunctionTable = {
  sha1sum: digest(sha1, 1),
  sha256sum: digest(sha256Hex, 8),
  sha512sum: digest(sha512, 8),
  adler32sum: digest(adler32, 0.1),
}
