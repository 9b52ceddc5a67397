/**
 * Owns: what a template's output means once it is read as YAML, for all requests that take the same way through the
 * template. It is found by reading the output once with a placeholder in each hole.
 */
import type { PathEnd } from '../../gotemplate/index.ts'
import { equalJson, isObject, type JsonObject, type JsonValue, parseYaml } from '../../json/index.ts'
import { isList } from '../typed-pod.ts'
import { type Build, compileBuild, type SplitScalar } from './build.ts'
import {
  contextOf,
  fillScalar,
  type Hole,
  isStillPlain,
  readHole,
  type Scalar,
  withoutQuotes,
} from './hole.ts'

export interface OutputShape {
  readonly holes: readonly Hole[]
  /** Scalars that must still read as strings. */
  readonly plain: readonly Scalar[]
  /** What the output means, with a placeholder in each hole. */
  readonly sample: JsonObject
  readonly split: SplitScalar
  readonly build: Build
}

/**
 * Undefined where values cannot be put in without reading the text: then it is read each time.
 * @param values of some request that took this way
 */
export function shapeOutput(end: PathEnd, values: readonly string[]): OutputShape | undefined {
  const mark = freeMark(end)
  const quoted = values.map((value) => withoutQuotes(value) !== undefined)
  const text = end.join(values.map((_, i) => (quoted[i] ? `"${mark}${i}z"` : `${mark}${i}z`)))
  const split = splitAt(mark)
  try {
    const contexts: (Hole['context'] | undefined)[] = []
    const plain: Scalar[] = []
    const parsed = parseYaml(text, {
      onScalar(value, begin) {
        const scalar = split(value)
        const context = contextOf(begin)
        if (scalar === undefined || context === undefined) return
        for (const hole of scalar.holes) contexts[hole] = context
        if (context === 'plain') plain.push(scalar)
      },
    })
    // Texts that are parts of a longer one, or put together from several, are slower to write for as long as they live.
    const sample: JsonValue = JSON.parse(JSON.stringify(parsed))
    if (!isObject(sample) || !eachOnce(sample, split, values.length)) return undefined
    const holes = values.map((_, i): Hole | undefined => {
      const context = contexts[i]
      return context && { quoted: quoted[i] === true, context }
    })
    if (holes.includes(undefined)) return undefined
    const build = compileBuild(sample, split) ?? (() => sample)
    const shape = { holes: holes as Hole[], plain, sample, split, build } // none is missing
    return agrees(shape, end.join(values), values) ? shape : undefined
  } catch {
    // The output is no good YAML, or only with placeholders: reading it as it is will tell.
    return undefined
  }
}

/** What the values add to the scalars, or undefined where one of them might change how the text is read. */
export function readValues(
  { holes, plain }: OutputShape,
  values: readonly string[],
): readonly string[] | undefined {
  const read: string[] = new Array(values.length)
  for (let i = 0; i < values.length; i++) {
    const text = readHole(values[i] as string, holes[i] as Hole) // there are as many holes as values
    if (text === undefined) return undefined
    read[i] = text
  }
  for (const scalar of plain) if (!isStillPlain(fillScalar(scalar, read))) return undefined
  return read
}

/** Letters that stand nowhere in the output's own text. */
function freeMark({ texts }: PathEnd): string {
  let mark = 'hole'
  while (texts.some((text) => text.includes(mark))) mark += 'x'
  return mark
}

function splitAt(mark: string): SplitScalar {
  return (text) => {
    if (!text.includes(mark)) return undefined
    const parts = text.split(new RegExp(`${mark}([0-9]+)z`))
    return {
      texts: parts.filter((_, i) => i % 2 === 0),
      holes: parts.filter((_, i) => i % 2 === 1).map(Number),
    }
  }
}

/** A value that is written twice (an alias) or not at all (a comment, a key that comes again) is no hole. */
function eachOnce(sample: JsonValue, split: SplitScalar, count: number): boolean {
  const seen = new Array<number>(count).fill(0)
  const visit = (value: JsonValue): void => {
    if (typeof value === 'string')
      for (const hole of split(value)?.holes ?? []) seen[hole] = (seen[hole] ?? 0) + 1
    else if (isList(value)) value.forEach(visit)
    else if (isObject(value)) Object.values(value).forEach(visit)
  }
  visit(sample)
  return seen.every((times) => times === 1)
}

function agrees(shape: OutputShape, text: string, values: readonly string[]): boolean {
  const read = readValues(shape, values)
  return read !== undefined && equalJson(shape.build(read), parseYaml(text))
}
