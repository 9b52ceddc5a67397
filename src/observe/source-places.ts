/**
 * Maps stack traces to the sources. The released files are bundles (`scripts/build.ts`) with `.map` files beside
 * them. Node's own `--enable-source-maps` would read all maps at startup (200 ms and 60 MB). Here a map is read only
 * to show a stack, in one pass, without keeping it: 50 to 100 ms for new positions.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const PLACE = /(file:\/\/[^\s()]+\.js):(\d+):(\d+)/g
/** A program has a limited number of places that throw; this bounds the cache anyway. */
const MAX_KNOWN = 1000
const known = new Map<string, string>()

/** Replaces positions in a bundle by `src/inject/inject.ts:12:3`. Positions without a map stay. */
export function withSourcePlaces(stack: string): string {
  const unknown = new Map<string, Target[]>()
  for (const [text, file = '', line, column] of stack.matchAll(PLACE)) {
    if (known.has(text)) continue
    const targets = unknown.get(file) ?? []
    unknown.set(file, targets)
    targets.push({ text, line: Number(line) - 1, column: Number(column) - 1 })
  }
  if (known.size > MAX_KNOWN) known.clear()
  for (const [file, targets] of unknown) {
    const found = lookUp(file, targets)
    for (const { text } of targets) known.set(text, found.get(text) ?? text)
  }
  return stack.replace(PLACE, (text) => known.get(text) ?? text)
}

/** Counted from 0, as in source maps. */
interface Target {
  readonly text: string
  readonly line: number
  readonly column: number
}

interface SourceMap {
  /** Relative to the map's folder. */
  readonly sources: readonly string[]
  /** Lines separated by `;`, segments by `,`. A segment is a few numbers, relative to those before. */
  readonly mappings: string
}

function lookUp(file: string, targets: readonly Target[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  let map: SourceMap
  try {
    map = JSON.parse(readFileSync(`${fileURLToPath(file)}.map`, 'utf8')) // as esbuild writes it
  } catch {
    return found
  }
  const describe = ([source = 0, line = 0, column = 0]: readonly number[]): string =>
    `${map.sources[source]?.replace(/^(?:\.\.\/)+/, '')}:${line + 1}:${column + 1}`
  for (const [target, origin] of readMappings(map.mappings, targets)) found.set(target.text, describe(origin))
  return found
}

/** Source, line, column. */
type Origin = readonly [number, number, number]

const COMMA = 44
const SEMICOLON = 59
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const VALUES = Uint8Array.from({ length: 128 }, (_, code) =>
  Math.max(0, DIGITS.indexOf(String.fromCharCode(code))),
)

/**
 * Lines end with `;`, segments with `,`. A segment is up to five numbers, each relative to the same number of the
 * segment before. A number is base64 digits of five bits, lowest first, with a sixth bit if more follow; its own
 * lowest bit is the sign. This is one plain loop, because it reads megabytes and usually runs once. The nearest
 * segment before a target is its origin.
 */
function readMappings(mappings: string, targets: readonly Target[]): ReadonlyMap<Target, Origin> {
  const found = new Map<Target, Origin>()
  const numbers = new Int32Array(5)
  let [line, field, value, shift] = [0, 0, 0, 0]
  let asked = targets.filter((target) => target.line === 0)
  const end = mappings.length
  for (let i = 0; i <= end; i++) {
    const code = i === end ? SEMICOLON : mappings.charCodeAt(i)
    if (code !== COMMA && code !== SEMICOLON) {
      const digit = VALUES[code] ?? 0
      value += (digit & 31) << shift
      shift += 5
      if (digit >= 32) continue
      numbers[field] = (numbers[field] ?? 0) + (value & 1 ? -(value >> 1) : value >> 1)
      field++
      value = 0
      shift = 0
      continue
    }
    if (field > 1 && asked.length > 0) {
      const [column = 0, source = 0, sourceLine = 0, sourceColumn = 0] = numbers
      for (const target of asked)
        if (column <= target.column) found.set(target, [source, sourceLine, sourceColumn])
    }
    field = 0
    if (code === COMMA) continue
    line++
    numbers[0] = 0
    asked = targets.filter((target) => target.line === line)
  }
  return found
}
