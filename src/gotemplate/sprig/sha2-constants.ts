/** The source of SHA-2's constants: roots of the first primes. */

function isPrime(value: number): boolean {
  for (let divisor = 2; divisor * divisor <= value; divisor++) if (value % divisor === 0) return false
  return true
}

/** The first bits of the fractional part of a prime's root. */
export function rootBits(prime: number, root: 2 | 3, bits: number): bigint {
  const scale = BigInt(bits * root)
  const target = BigInt(prime) << scale
  let low = 0n
  let high = 1n << BigInt(bits + 5)
  while (high - low > 1n) {
    const middle = (low + high) >> 1n
    if (middle ** BigInt(root) <= target) low = middle
    else high = middle
  }
  return BigInt.asUintN(bits, low)
}

export const PRIMES = Array.from({ length: 410 }, (_, i) => i + 2).filter(isPrime)
