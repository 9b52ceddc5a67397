/** `remora diff`: compares two captures, pods or answers, pod by pod. */
import { readFile, stat } from 'node:fs/promises'
import { CaptureError, type NamedPod, nameOfPod, podsOfInputs, readInputs } from '../capture/index.ts'
import { DIFF_OPTIONS, OptionError } from '../config/index.ts'
import {
  cloneJson,
  isObject,
  type JsonObject,
  type JsonValue,
  own,
  parseYaml,
  setOwn,
} from '../json/index.ts'
import { diffJson } from '../jsonpatch/index.ts'
import { type CommandIo, defineCommand } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { choosePaint } from './paint.ts'
import { type DiffLine, diffPods } from './pod-diff.ts'
import { jsonData, lines, type TextPart, text } from './text.ts'

export const diffCommand = defineCommand({
  name: 'diff',
  summary: 'compare two captures, pods or answered reviews, pod by pod',
  forms: ['A B'],
  options: DIFF_OPTIONS,
  words: [{ values: [], paths: 'files' }],
  exitCodes: { success: 'all pods are equal', negative: 'pods differ, or exist on one side only' },
  async run({ options, words, io }) {
    const [first, second, ...more] = words
    if (first === undefined || second === undefined || more.length > 0)
      throw new OptionError('argument-unexpected', 'expected two files or folders: remora diff A B')
    const comparison = compare(await readPods(first), await readPods(second))
    if (options.output === 'json') io.out(jsonData(comparisonJson(comparison), 2))
    else print(comparison, io)
    return comparison.differences.length === 0 ? EXIT.success : EXIT.negative
  },
})

async function readPods(path: string): Promise<readonly NamedPod[]> {
  const manifest = (await stat(path)).isFile() ? await readPodManifest(path) : undefined
  if (manifest !== undefined) return [{ key: '', name: nameOfPod(manifest, ''), pod: manifest }]
  const pods: NamedPod[] = []
  for await (const found of podsOfInputs(readInputs([path]))) {
    const pod = unsalt(cloneJson(found.pod))
    // The copy of an object is an object.
    pods.push({ ...found, pod: pod as JsonObject })
  }
  if (pods.length === 0) throw new CaptureError('capture-malformed', `${path} contains no pod`)
  return pods
}

/** The pod, if the file is a manifest of one. */
async function readPodManifest(path: string): Promise<JsonObject | undefined> {
  if (!/\.(?:json|ya?ml)$/.test(path)) return undefined
  const text = await readFile(path, 'utf8')
  if (path.endsWith('.json') && !/"kind"\s*:\s*"Pod"/.test(text)) return undefined
  const value = parseYaml(text, { source: path })
  if (isObject(value) && own(value, 'kind') === 'Pod') return value
  if (path.endsWith('.json')) return undefined
  throw new CaptureError('capture-malformed', `${path}: expected a manifest of one Pod`, { source: path })
}

/** Digests of different captures cannot be compared, because each capture has its own salt. */
function unsalt(value: JsonValue): JsonValue {
  if (typeof value === 'string') return value.replace(/redacted-[0-9a-f]{16}/gi, '(redacted)')
  if (Array.isArray(value)) return value.map(unsalt)
  if (!isObject(value)) return value
  const plain: { [key: string]: JsonValue } = {}
  for (const [key, item] of Object.entries(value)) setOwn(plain, String(unsalt(key)), unsalt(item))
  return plain
}

interface Comparison {
  /** How many pods there are on either side, those of both counted once. */
  readonly compared: number
  readonly differences: readonly Difference[]
}

type Difference =
  | {
      readonly in: 'both'
      readonly name: string
      readonly before: JsonObject
      readonly after: JsonObject
      readonly lines: readonly DiffLine[]
    }
  | { readonly in: 'first' | 'second'; readonly name: string }

/** Pods are paired by their keys; a single one on each side is paired whatever its key. */
function compare(before: readonly NamedPod[], after: readonly NamedPod[]): Comparison {
  const single = before.length === 1 && after.length === 1
  const left = new Map(before.map((one) => [one.key, one]))
  const pairs = after.map((one, i) => ({ one, other: single ? before[i] : left.get(one.key) }))
  const matched = new Set(pairs.map(({ other }) => other))
  const gone = before.filter((one) => !matched.has(one))
  const differences = pairs.flatMap(({ one: { name, pod }, other }): Difference[] => {
    if (other === undefined) return [{ in: 'second', name }]
    const changed = diffPods(other.pod, pod)
    return changed.length === 0 ? [] : [{ in: 'both', name, before: other.pod, after: pod, lines: changed }]
  })
  return {
    compared: after.length + gone.length,
    differences: [...differences, ...gone.map(({ name }) => ({ in: 'first' as const, name }))],
  }
}

function print({ compared, differences }: Comparison, io: CommandIo): void {
  const paint = choosePaint(io)
  const paintLine = ({ sign, text: line }: DiffLine): TextPart =>
    sign === '+' ? paint.good(line) : sign === '-' ? paint.bad(line) : line
  for (const one of differences) {
    const title = one.in === 'both' ? one.name : `${one.name}: only in the ${one.in}`
    const changes = one.in === 'both' ? one.lines.map(paintLine) : []
    io.out(lines([paint.bold(title), ...changes, '']))
  }
  const { length } = differences
  io.out(text`${compared} compared, ${length} ${length === 1 ? 'differs' : 'differ'}\n`)
}

/** The JSON form, which scripts may build on. `patch` is the RFC 6902 patch from the first pod to the second. */
function comparisonJson({ compared, differences }: Comparison): object {
  return {
    compared,
    differ: differences.length,
    pods: differences.map((one) =>
      one.in === 'both' ? { name: one.name, in: one.in, patch: diffJson(one.before, one.after) } : one,
    ),
  }
}
