/** Owns: `remora diff`: two captures, pods or answers as a difference that people can read. 0: equal; 1: not; 2: it could not be told. */
import { readFile, stat } from 'node:fs/promises'
import { CaptureError, type NamedPod, nameOfPod, podsOfInputs, readInputs } from '../capture/index.ts'
import { commandHelp, DIFF_OPTIONS, OptionError, readOptions, splitArguments } from '../config/index.ts'
import {
  cloneJson,
  isObject,
  type JsonObject,
  type JsonValue,
  own,
  parseYaml,
  setOwn,
} from '../json/index.ts'
import type { Command, CommandIo, ExitCode } from './command.ts'
import { couldNotTell } from './could-not-tell.ts'
import { choosePaint } from './paint.ts'
import { type DiffLine, diffPods } from './pod-diff.ts'
import { lines, ownText, type TextPart, text } from './text.ts'

const DESCRIPTION = {
  name: 'diff',
  summary: 'compare two captures, pods or answered reviews, pod by pod',
  forms: ['A B'],
  options: DIFF_OPTIONS,
}

export const diffCommand: Command = {
  name: DESCRIPTION.name,
  summary: DESCRIPTION.summary,
  options: DESCRIPTION.options,
  words: [{ values: [], paths: 'files' }],
  help: () => commandHelp(DESCRIPTION),
  async run(args, io) {
    const { words, args: flags } = splitArguments(DIFF_OPTIONS, args)
    if (readOptions(DIFF_OPTIONS, { args: flags, env: io.env }).help === true) {
      io.out(ownText(commandHelp(DESCRIPTION)))
      return 0
    }
    const [before, after, ...more] = words
    if (before === undefined || after === undefined || more.length > 0)
      throw new OptionError('argument-unexpected', `expected two files or folders: remora diff A B`)
    try {
      return compare(await readPods(before), await readPods(after), io)
    } catch (error) {
      throw couldNotTell(error)
    }
  },
}

async function readPods(path: string): Promise<readonly NamedPod[]> {
  const manifest = (await stat(path)).isFile() ? await readPodManifest(path) : undefined
  if (manifest !== undefined) return [{ key: '', name: nameOfPod(manifest, ''), pod: manifest }]
  const pods: NamedPod[] = []
  for await (const found of podsOfInputs(readInputs([path]))) {
    const pod = unsalt(cloneJson(found.pod))
    // Of an object the copy is one.
    pods.push({ ...found, pod: pod as JsonObject })
  }
  if (pods.length === 0) throw new CaptureError('capture-malformed', `${path} holds no pod`)
  return pods
}

/** A manifest of one pod; undefined for anything else. */
async function readPodManifest(path: string): Promise<JsonObject | undefined> {
  if (!/\.(?:json|ya?ml)$/.test(path)) return undefined
  const text = await readFile(path, 'utf8')
  if (path.endsWith('.json') && !/"kind"\s*:\s*"Pod"/.test(text)) return undefined
  const value = parseYaml(text, { source: path })
  if (isObject(value) && own(value, 'kind') === 'Pod') return value
  if (path.endsWith('.json')) return undefined
  throw new CaptureError('capture-malformed', `${path}: expected a manifest of one Pod`, { source: path })
}

/** Digests of different captures cannot be compared: each has a salt of its own. */
function unsalt(value: JsonValue): JsonValue {
  if (typeof value === 'string') return value.replace(/redacted-[0-9a-f]{16}/gi, '(redacted)')
  if (Array.isArray(value)) return value.map(unsalt)
  if (!isObject(value)) return value
  const plain: { [key: string]: JsonValue } = {}
  for (const [key, item] of Object.entries(value)) setOwn(plain, String(unsalt(key)), unsalt(item))
  return plain
}

function compare(before: readonly NamedPod[], after: readonly NamedPod[], io: CommandIo): ExitCode {
  const single = before.length === 1 && after.length === 1
  const left = new Map(before.map((one) => [one.key, one]))
  const pairs = after.map((one, i) => ({ one, other: single ? before[i] : left.get(one.key) }))
  const matched = new Set(pairs.map(({ other }) => other))
  const gone = before.filter((one) => !matched.has(one))
  let differ = 0
  for (const { one, other } of pairs) {
    const difference = other === undefined ? [] : diffPods(other.pod, one.pod)
    if (other !== undefined && difference.length === 0) continue
    differ++
    print(other === undefined ? `${one.name}: only in the second` : one.name, difference, io)
  }
  for (const one of gone) print(`${one.name}: only in the first`, [], io)
  differ += gone.length
  io.out(text`${after.length + gone.length} compared, ${differ} ${differ === 1 ? 'differs' : 'differ'}\n`)
  return differ === 0 ? 0 : 1
}

function print(title: string, difference: readonly DiffLine[], io: CommandIo): void {
  const paint = choosePaint(io)
  const paintLine = ({ sign, text: line }: DiffLine): TextPart =>
    sign === '+' ? paint.good(line) : sign === '-' ? paint.bad(line) : line
  io.out(lines([paint.bold(title), ...difference.map(paintLine), '']))
}
