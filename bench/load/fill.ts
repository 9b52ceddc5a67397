/**
 * Bodies with gaps, and their fillings for the n-th request. mix.lua fills the same gaps by the same rules, so that
 * both clients send the same bytes; test/bench compares the two.
 */

/** Kinds of gaps and the width of each filling: bodies of one template all have the same length. */
export const GAPS = { UID: 36, TOKEN: 5, WORKLOAD: 8, TIME: 20 } as const
export type Gap = keyof typeof GAPS

export function gap(name: Gap): string {
  return `@${name}@`
}

/** The rest of a UUID, whose first eight digits count. */
const UID_END = '-571b-4645-8586-fd21adac2c16'
/** The alphabet of Kubernetes' random names: no vowels, and no digits that look like letters. */
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789'
/** The clock of `managedFields`: a hundred pods per second from here. */
const FIRST_SECOND = 1_767_225_600

export function fillGap(name: Gap, n: number, workload: number): string {
  switch (name) {
    case 'UID':
      return hex(n) + UID_END
    case 'TOKEN':
      return randomName(n)
    case 'WORKLOAD':
      return hex(workload)
    case 'TIME':
      return new Date((FIRST_SECOND + Math.floor(n / 100)) * 1000).toISOString().replace('.000Z', 'Z')
  }
}

/** Eight digits. */
function hex(n: number): string {
  return n.toString(16).padStart(8, '0')
}

/** Five letters that look random and repeat only after 14 million. */
function randomName(n: number): string {
  let rest = (n * 7919) % LETTERS.length ** 5
  let name = ''
  for (let i = 0; i < 5; i++) {
    name += LETTERS[rest % LETTERS.length]
    rest = Math.floor(rest / LETTERS.length)
  }
  return name
}

export interface Template {
  readonly text: string
  /** The number of workloads in turn; 0: none occurs twice. */
  readonly workloads: number
}

/** The body of the n-th request, n from 0 to 2^32 - 1. */
export function bodyMaker({ text, workloads }: Template): (n: number) => string {
  const parts = text.split(/@(UID|TOKEN|WORKLOAD|TIME)@/)
  if (parts.length === 1) return () => text
  return (n) => {
    const workload = workloads === 0 ? n : n % workloads
    // Texts and names of gaps alternate.
    return parts.map((part, i) => (i % 2 === 0 ? part : fillGap(part as Gap, n, workload))).join('')
  }
}
