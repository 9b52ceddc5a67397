/**
 * Explains why the output of a template is no YAML, or does not fit a Pod: the line, the expression that wrote it, and the
 * value behind it. The template is executed once more with the positions of its expressions recorded, so nothing of this
 * costs an admitted pod.
 */
import type { TracedOutput, WrittenExpression } from '../gotemplate/index.ts'
import { findLine, JsonError, parseYaml } from '../json/index.ts'
import { LONGEST_QUOTE, shortText } from '../visible-text.ts'
import { describeExpression, describeSource, type SourceFacts, sourcesOf } from './template-sources.ts'

export interface OutputCause {
  /** For the end of a message. */
  readonly text: string
  /** Of the template, 1-based; undefined if it is not known. */
  readonly line: number | undefined
}

/**
 * @param text the output, as it was parsed
 * @param trace executes the template again; undefined if it would not write the same
 */
export function findOutputCause(
  error: JsonError,
  text: string,
  facts: SourceFacts,
  trace: () => TracedOutput | undefined,
): OutputCause | undefined {
  const { line, column = 1 } = error
  if (line === undefined) return undefined
  const shown = shownLine(text, line, column)
  const output = trace()
  if (output === undefined || output.text !== text) return { text: shown, line: undefined }
  const culprit = findCulprit(output, line)
  if (culprit === undefined) return withPlace(shown, output, line, facts)
  return { text: `${shown}; ${causeOf([culprit], 'causes it', text, facts)}`, line: culprit.line }
}

/** @param path of a field that a template wrote and that does not fit: `spec.containers[0].ports` */
export function findFieldCause(
  path: string,
  facts: SourceFacts,
  trace: () => TracedOutput | undefined,
): OutputCause | undefined {
  const output = trace()
  const line = output && findLine(output.text, stepsOf(path))
  if (output === undefined || line === undefined) return undefined
  return findLineCause(output, line, facts)
}

/** What wrote a line of the output, 1-based, whose value does not fit. */
export function findLineCause(output: TracedOutput, line: number, facts: SourceFacts): OutputCause {
  return withPlace(shownLine(output.text, line, 1), output, line, facts)
}

function withPlace(shown: string, output: TracedOutput, line: number, facts: SourceFacts): OutputCause {
  const writers = output.expressionsOfLine(line).slice(0, MAX_WRITERS)
  const [first] = writers
  if (first !== undefined)
    return { text: `${shown}; ${causeOf(writers, 'writes into it', output.text, facts)}`, line: first.line }
  const templateLine = output.templateLine(line)
  const place = templateLine === undefined ? '' : `; line ${templateLine} of the template writes it`
  return { text: `${shown}${place}`, line: templateLine }
}

function causeOf(
  writers: readonly WrittenExpression[],
  what: string,
  text: string,
  facts: SourceFacts,
): string {
  const [first] = writers
  const sources = new Set(writers.flatMap((writer) => sourcesOf(writer, text, facts)).map(describeSource))
  const value = sources.size === 0 ? '' : `; the value comes from ${[...sources].join(' or ')}`
  return `line ${first?.line ?? '?'} of the template ${what}: ${writers.map(describeExpression).join(' and ')}${value}`
}

/** `spec.containers[0].ports`: names, and indexes as numbers. */
function stepsOf(path: string): readonly (string | number)[] {
  return [...path.matchAll(/[^.[\]]+/g)].map(([step]) => (/^\d+$/.test(step) ? Number(step) : step))
}

const MAX_WRITERS = 2

/** The line, or where it is empty, the last one with text before it. */
function shownLine(text: string, line: number, column: number): string {
  const lines = text.split('\n')
  const own = lines[line - 1] ?? ''
  if (own.trim() !== '') return `the line is \`${around(own, column)}\``
  const before = lines.slice(0, line).findLast((one) => one.trim() !== '')
  return before === undefined ? 'the text is empty' : `the last line before it is \`${around(before, 1)}\``
}

/** The part of a line around a column that fits into a message. */
function around(line: string, column: number): string {
  const trimmed = line.trim()
  if (trimmed.length <= LONGEST_QUOTE) return shortText(trimmed)
  const start = Math.max(0, column - LONGEST_QUOTE / 2)
  return `${start > 0 ? '...' : ''}${shortText(line.slice(start).trim())}`
}

/** Text parsed in the search for the culprit, in UTF-16 units: some 20 times the output of Istio's templates. */
const MAX_PARSED = 192 * 1024
/** A plain value, and nothing. */
const REPLACEMENTS = ['x', '']

/** The nearest expression before the end of the line without whose output the line would be valid. */
function findCulprit(output: TracedOutput, line: number): WrittenExpression | undefined {
  const { text } = output
  let end = 0
  for (let passed = 0; passed < line && end >= 0; passed++) end = text.indexOf('\n', end + 1)
  const until = end < 0 ? text.length : end
  let parsed = 0
  for (const written of output.expressions(({ start }) => start < until).toReversed()) {
    for (const replacement of REPLACEMENTS) {
      parsed += text.length
      if (parsed > MAX_PARSED) return undefined
      if (isPast(text, written, replacement, line)) return written
    }
  }
  return undefined
}

/** Without the expression's output there is no error, or only one further down. */
function isPast(text: string, { start, end }: WrittenExpression, replacement: string, line: number): boolean {
  try {
    parseYaml(text.slice(0, start) + replacement + text.slice(end))
    return true
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    const removed = text.slice(start, end).split('\n').length - 1
    const first = text.slice(0, start).split('\n').length
    return error.line !== undefined && error.line > Math.max(line - removed, first)
  }
}
