/** Prints comparisons, on the terminal and as a Markdown table. */
import { median } from '../statistics.ts'
import type { MixResult } from './measure.ts'
import { BUSY, type Comparison, type Round } from './rounds.ts'

const COLUMNS = [
  'mix',
  'client',
  'conns',
  'CPU us null/remora',
  'ratio (rounds)',
  'requests/s null/remora',
  'their ratio',
  'busy %',
  'p50 ms',
  'p99 ms',
] as const
const WIDTHS = [15, 11, 6, 19, 18, 23, 18, 9, 14, 14]

export const LEGEND = `The ratio is the CPU time per request of the null webhook divided by Remora's, computed from the medians (in brackets: the
smallest and largest ratio of a pair of rounds). Pairs are null/remora. Requests/s can be compared only if both servers kept their core at ${BUSY * 100} % or
more; otherwise the column says "client-bound". Latencies of autocannon are whole milliseconds`

export function tableHead(): string {
  return line(COLUMNS)
}

export function tableRow(comparison: Comparison): string {
  return line(cells(comparison))
}

function line(texts: readonly string[]): string {
  return texts
    .map((text, i) => text.padEnd(WIDTHS[i] ?? 0))
    .join(' ')
    .trimEnd()
}

function cells({ mix, client, connections, null: theirs, remora: ours, ...of }: Comparison): string[] {
  const pair = (pick: (round: Round) => number, digits: number): string =>
    [theirs, ours].map((rounds) => median(rounds.map(pick)).toFixed(digits)).join('/')
  const [low, high] = [Math.min(...of.ratios), Math.max(...of.ratios)].map((ratio) => ratio.toFixed(2))
  const open = client === 'open-loop'
  const digits = client === 'autocannon' ? 0 : 3
  return [
    mix,
    client,
    String(connections),
    pair((r) => r.cpuMicros, 1),
    `${of.ratio.toFixed(2)} (${low}-${high})`,
    pair((r) => r.requestsPerSecond, 0),
    open ? `p99 x ${of.p99Ratio.toFixed(2)}` : (of.throughputRatio?.toFixed(2) ?? 'client-bound'),
    pair((r) => r.busy * 100, 0),
    pair((r) => r.p50Ms, digits),
    pair((r) => r.p99Ms, digits),
  ]
}

export function markdownTable(results: readonly MixResult[]): string {
  const row = (texts: readonly string[]): string => `| ${texts.join(' | ')} |`
  const comparisons = results.flatMap(({ throughput, latency }) => [
    ...throughput,
    ...(latency === undefined ? [] : [latency]),
  ])
  return [row(COLUMNS), row(COLUMNS.map(() => '---')), ...comparisons.map((one) => row(cells(one)))].join(
    '\n',
  )
}

/** The mixes, for the legend below the table. */
export function describeMixes(results: readonly MixResult[]): string {
  const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(0)
  return results
    .map(
      ({ mix, what, bodyBytes, patchBytes, rssBytes }) =>
        `${mix}: ${what}; body ${bodyBytes} B, patch ${patchBytes} B (base64); RSS at the end ${mib(rssBytes.null)}/${mib(rssBytes.remora)} MiB`,
    )
    .join('\n')
}
