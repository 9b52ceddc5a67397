/**
 * SHA-256 in plain code, because the pure packages have no crypto module. It works on 32-bit numbers: a revision's
 * configuration is some 100 KB and is hashed whenever it changes, which takes milliseconds; BigInt would take a hundred
 * times as long.
 */
import { PRIMES, rootBits } from './sha2-constants.ts'

const ROUNDS = 64
let constants: Int32Array | undefined

/** In hexadecimal. */
export function sha256Hex(bytes: Uint8Array): string {
  constants ??= Int32Array.from(PRIMES.slice(0, ROUNDS), (prime) => Number(rootBits(prime, 3, 32)))
  const state = Int32Array.from(PRIMES.slice(0, 8), (prime) => Number(rootBits(prime, 2, 32)))
  const padded = pad(bytes)
  const schedule = new Int32Array(ROUNDS)
  for (let offset = 0; offset < padded.byteLength; offset += 64) {
    for (let i = 0; i < 16; i++) schedule[i] = padded.getInt32(offset + i * 4)
    expand(schedule)
    mix(state, schedule, constants)
  }
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}

/** The message followed by a one bit, zeros and its length in bits. */
function pad(bytes: Uint8Array): DataView {
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n)
  return view
}

function rotate(value: number, by: number): number {
  return (value >>> by) | (value << (32 - by))
}

// All indexes below are within their arrays; the zeros are for the compiler. There is no destructuring, because this
// runs at start before V8 has optimised it: with destructuring 330 KB took 40 ms instead of 20.

function expand(schedule: Int32Array): void {
  for (let i = 16; i < ROUNDS; i++) {
    const near = schedule[i - 2] ?? 0
    const far = schedule[i - 15] ?? 0
    const first = rotate(far, 7) ^ rotate(far, 18) ^ (far >>> 3)
    const second = rotate(near, 17) ^ rotate(near, 19) ^ (near >>> 10)
    schedule[i] = (schedule[i - 16] ?? 0) + first + (schedule[i - 7] ?? 0) + second
  }
}

function mix(state: Int32Array, schedule: Int32Array, constants: Int32Array): void {
  let a = state[0] ?? 0
  let b = state[1] ?? 0
  let c = state[2] ?? 0
  let d = state[3] ?? 0
  let e = state[4] ?? 0
  let f = state[5] ?? 0
  let g = state[6] ?? 0
  let h = state[7] ?? 0
  for (let i = 0; i < ROUNDS; i++) {
    const chosen = (e & f) ^ (~e & g)
    const turned = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const first = (h + turned + chosen + (constants[i] ?? 0) + (schedule[i] ?? 0)) | 0
    const majority = (a & b) ^ (a & c) ^ (b & c)
    const second = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority) | 0
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + second) | 0
  }
  state[0] = (state[0] ?? 0) + a
  state[1] = (state[1] ?? 0) + b
  state[2] = (state[2] ?? 0) + c
  state[3] = (state[3] ?? 0) + d
  state[4] = (state[4] ?? 0) + e
  state[5] = (state[5] ?? 0) + f
  state[6] = (state[6] ?? 0) + g
  state[7] = (state[7] ?? 0) + h
}
