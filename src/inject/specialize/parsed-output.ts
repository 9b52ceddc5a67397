/**
 * The parsed YAML of a template's output, for all requests that take the same path through the template. It is derived
 * by parsing the output once with a placeholder in each slot.
 */
import type { PathEnd } from '../../gotemplate/index.ts'
import {
  type ConstantTexts,
  equalJson,
  isObject,
  type JsonObject,
  type JsonValue,
  parseYaml,
} from '../../json/index.ts'
import { isList } from '../../kube/index.ts'
import { type Build, compileBuild, type SplitScalar } from './build.ts'
import {
  contextOf,
  fillScalar,
  isStillPlain,
  readSlot,
  type Scalar,
  type Slot,
  withoutQuotes,
} from './slot.ts'

export interface ParsedOutput {
  readonly slots: readonly Slot[]
  /** Scalars that must still be parsed as strings. */
  readonly plain: readonly Scalar[]
  /** The parsed output, with a placeholder in each slot. */
  readonly sample: JsonObject
  readonly split: SplitScalar
  readonly build: Build
}

/** One character per value: `q` if it includes its own double quotes, `-` otherwise. */
export function quotedValues(values: readonly string[]): string {
  let quoted = ''
  for (const value of values) quoted += withoutQuotes(value) === undefined ? '-' : 'q'
  return quoted
}

/**
 * Undefined if values cannot be inserted without parsing the text: then it is parsed each time.
 * @param quoted of the values (quotedValues); nothing else about them matters
 * @param constants gets the parts that are the same for all requests
 */
export function parseOutput(
  end: PathEnd,
  quoted: string,
  constants: ConstantTexts,
): ParsedOutput | undefined {
  const placeholder = freePlaceholder(end)
  const fill = (text: (i: number) => string): string[] =>
    Array.from(quoted, (one, i) => (one === 'q' ? `"${text(i)}"` : text(i)))
  const text = end.join(fill((i) => `${placeholder}${i}z`))
  const split = splitAt(placeholder)
  try {
    const contexts: (Slot['context'] | undefined)[] = []
    const plain: Scalar[] = []
    const parsed = parseYaml(text, {
      onScalar(value, begin) {
        const scalar = split(value)
        const context = contextOf(begin)
        if (scalar === undefined || context === undefined) return
        for (const slot of scalar.slots) contexts[slot] = context
        if (context === 'plain') plain.push(scalar)
      },
    })
    // Slices and concatenations of other texts are slower to write for as long as they live.
    const sample: JsonValue = JSON.parse(JSON.stringify(parsed))
    if (!isObject(sample) || !eachOnce(sample, split, quoted.length)) return undefined
    const slots = Array.from(quoted, (one, i): Slot | undefined => {
      const context = contexts[i]
      return context && { quoted: one === 'q', context }
    })
    if (slots.includes(undefined)) return undefined
    const build = compileBuild(sample, { split, constants }) ?? (() => sample)
    const output = { slots: slots as Slot[], plain, sample, split, build } // none is missing
    return agrees(output, end, fill(ordinaryValue)) ? output : undefined
  } catch {
    // The output is not valid YAML, or not with placeholders: parsing it for each request reports the error.
    return undefined
  }
}

/** What the values contribute to the scalars, or undefined if one of them might change how the text is parsed. */
export function readValues(
  { slots, plain }: ParsedOutput,
  values: readonly string[],
): readonly string[] | undefined {
  const read: string[] = new Array(values.length)
  for (let i = 0; i < values.length; i++) {
    const text = readSlot(values[i] as string, slots[i] as Slot) // there are as many slots as values
    if (text === undefined) return undefined
    read[i] = text
  }
  for (const scalar of plain) if (!isStillPlain(fillScalar(scalar, read))) return undefined
  return read
}

/** Letters that do not occur in the output's constant text. */
function freePlaceholder({ texts }: PathEnd): string {
  let placeholder = 'slot'
  while (texts.some((text) => text.includes(placeholder))) placeholder += 'x'
  return placeholder
}

function splitAt(placeholder: string): SplitScalar {
  return (text) => {
    if (!text.includes(placeholder)) return undefined
    const parts = text.split(new RegExp(`${placeholder}([0-9]+)z`))
    return {
      texts: parts.filter((_, i) => i % 2 === 0),
      slots: parts.filter((_, i) => i % 2 === 1).map(Number),
    }
  }
}

/** A value that is used twice (an alias) or not at all (a comment, a duplicate key) has no slot. */
function eachOnce(sample: JsonValue, split: SplitScalar, count: number): boolean {
  const seen = new Array<number>(count).fill(0)
  const visit = (value: JsonValue): void => {
    if (typeof value === 'string')
      for (const slot of split(value)?.slots ?? []) seen[slot] = (seen[slot] ?? 0) + 1
    else if (isList(value)) value.forEach(visit)
    else if (isObject(value)) Object.values(value).forEach(visit)
  }
  visit(sample)
  return seen.every((times) => times === 1)
}

/** A typical value of a pod, different for each index. */
function ordinaryValue(i: number): string {
  return `app-${i}.v`
}

/** Whether parsing the text with these values and building with them give the same result. */
function agrees(output: ParsedOutput, end: PathEnd, values: readonly string[]): boolean {
  const read = readValues(output, values)
  return read !== undefined && equalJson(output.build(read), parseYaml(end.join(values)))
}
