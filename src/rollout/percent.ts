/** Percentages with up to two decimals, as numbers of slots. */
import type { JsonValue } from '../json/index.ts'
import { SLOTS } from './slot.ts'

/** What `readPercent` accepts, for messages. */
export const PERCENT_EXPECTED =
  'a percentage from 0 to 100 with at most two decimals, as an integer or a string: 25 or "0.5"'

const PERCENT = /^(?:100(?:\.0{1,2})?|[0-9]{1,2}(?:\.[0-9]{1,2})?)$/

/** The number of slots of a percentage: 50 for "0.5"; undefined if it is none. */
export function readPercent(value: JsonValue | undefined): number | undefined {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string' || !PERCENT.test(text)) return undefined
  const [whole = '', decimals = ''] = text.split('.')
  return Number(whole) * 100 + Number(decimals.padEnd(2, '0'))
}

/** As short as possible: `25`, `0.5`. */
export function formatPercent(slots: number): string {
  return String(slots / 100)
}

/** The smallest share that includes the slot. */
export function percentThatIncludes(slot: number): string {
  return formatPercent(Math.min(slot + 1, SLOTS))
}
