/** A finding as text and as JSON, the same in every command. */
import { describePlace, type Finding, type NotJudged } from '../analysis/index.ts'
import { titleOfKind } from '../kube/index.ts'
import type { Paint } from './paint.ts'
import { type TextPart, text } from './text.ts'

/** Part of the public interface (RELEASING.md). */
export function findingJson({ group: _, ...finding }: Finding): object {
  return finding
}

/** Four entries: what and where, found, expected, fix. */
export function findingText(
  { severity, code, where, message, expected, fix }: Finding,
  paint: Paint,
): readonly TextPart[] {
  const word = severity === 'error' ? paint.bad(severity) : paint.bold(severity)
  return [
    text`${word} ${code}: ${describePlace(where)}`,
    ...rowText('found', message),
    ...rowText('expected', expected),
    ...rowText('fix', fix),
  ]
}

/** `not judged: DaemonSet, LimitRange (not among the objects)`: one line, by the reason. */
export function notJudgedText(notJudged: readonly NotJudged[]): string {
  const reasons = Map.groupBy(notJudged, ({ why }) => why)
  const parts = [...reasons].map(
    ([why, kinds]) => `${kinds.map(({ kind }) => titleOfKind(kind)).join(', ')} (${why})`,
  )
  return `not judged: ${parts.join('; ')}`
}

const LABEL_WIDTH = 'expected'.length

/** Further lines, such as a template line and its caret, are aligned with the first. */
function rowText(label: string, message: string): readonly string[] {
  const [first = '', ...rest] = message.split('\n')
  return [
    `  ${label.padEnd(LABEL_WIDTH)}  ${first}`,
    ...rest.map((line) => `  ${' '.repeat(LABEL_WIDTH)}  ${line}`.trimEnd()),
  ]
}
