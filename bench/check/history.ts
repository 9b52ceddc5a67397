/** The lines of bench/history.jsonl, and the comparison with one of them. */
import type { Client } from '../load/clients.ts'
import type { Material } from '../load/material.ts'

/** One run. Ratios can only be compared with those of the same reviews and the same client. */
export interface HistoryLine {
  readonly date: string
  readonly node: string
  readonly cpu: string
  readonly reviews: Material['kind']
  readonly client: Client
  readonly connections: number
  /** By mix: CPU time per request, null webhook divided by Remora. */
  readonly ratios: Readonly<Record<string, number>>
}

export interface Verdict {
  readonly mix: string
  readonly before: number | undefined
  readonly now: number
  /** Relative to `before`: -0.1 is a tenth less. */
  readonly change: number | undefined
  readonly worse: boolean
}

/** @throws Error that names a line that is not JSON */
export function parseHistory(text: string): readonly HistoryLine[] {
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return []
    try {
      return [JSON.parse(line) as HistoryLine] // only this file writes it
    } catch (cause) {
      throw new Error(`history.jsonl:${i + 1}: expected one run as JSON`, { cause })
    }
  })
}

/** The newest line that may be compared with. */
export function lineToCompare(history: readonly HistoryLine[], now: HistoryLine): HistoryLine | undefined {
  return history.findLast(
    ({ reviews, client, connections }) =>
      reviews === now.reviews && client === now.client && connections === now.connections,
  )
}

/** @param tolerance the share of a ratio that may be lost: 0.1 is a tenth */
export function judge(
  before: HistoryLine | undefined,
  now: HistoryLine,
  tolerance: number,
): readonly Verdict[] {
  return Object.entries(now.ratios).map(([mix, ratio]) => {
    const old = before?.ratios[mix]
    const change = old === undefined ? undefined : ratio / old - 1
    return { mix, before: old, now: ratio, change, worse: change !== undefined && change < -tolerance }
  })
}
