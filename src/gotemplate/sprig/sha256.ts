/**
 * SHA-256 in plain code, because the pure packages have no crypto module. It works on 32-bit numbers: a revision's
 * configuration is some 100 KB and is hashed whenever it changes, which takes milliseconds; BigInt would take a hundred
 * times as long.
 */

const ROUNDS = 64
/** The first bits of the fractional parts of the cube roots of the first primes (FIPS 180-4). */
// biome-ignore format: eight to a line
const CONSTANTS: Readonly<Int32Array> = Int32Array.of(
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
)
/** The same of their square roots. */
// biome-ignore format: eight to a line
const FIRST_STATE: Readonly<Int32Array> = Int32Array.of(
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
)

/** In hexadecimal. */
export function sha256Hex(bytes: Uint8Array): string {
  return Array.from(sha256Words(bytes), (word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}

/** The digest as eight signed 32-bit numbers, the first bytes first. */
export function sha256Words(bytes: Uint8Array): Int32Array {
  const state = Int32Array.from(FIRST_STATE)
  const schedule = new Int32Array(ROUNDS)
  const whole = bytes.length & ~63
  for (let offset = 0; offset < whole; offset += 64) mixBlock(state, { bytes, offset, schedule })
  // The rest of the message, a one bit, zeros, and the length in bits.
  const rest = bytes.length - whole
  const last = new Uint8Array(rest < 56 ? 64 : 128)
  for (let i = 0; i < rest; i++) last[i] = bytes[whole + i] ?? 0
  last[rest] = 0x80
  for (let i = 1, length = bytes.length * 8; length > 0; i++, length = Math.floor(length / 256))
    last[last.length - i] = length % 256
  for (let offset = 0; offset < last.length; offset += 64) mixBlock(state, { bytes: last, offset, schedule })
  return state
}

interface Block {
  readonly bytes: Uint8Array
  readonly offset: number
  /** Overwritten. */
  readonly schedule: Int32Array
}

function mixBlock(state: Int32Array, { bytes, offset, schedule }: Block): void {
  for (let i = 0, at = offset; i < 16; i++, at += 4)
    schedule[i] =
      ((bytes[at] ?? 0) << 24) |
      ((bytes[at + 1] ?? 0) << 16) |
      ((bytes[at + 2] ?? 0) << 8) |
      (bytes[at + 3] ?? 0)
  expand(schedule)
  mix(state, schedule, CONSTANTS)
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

function mix(state: Int32Array, schedule: Int32Array, constants: Readonly<Int32Array>): void {
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
