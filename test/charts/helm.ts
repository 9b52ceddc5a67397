/**
 * The real helm for the chart's tests: from PATH, from KUBEBUILDER_ASSETS, or from the cache of the end-to-end
 * tests. It is never built here; without helm these tests are skipped.
 */
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { isObject, type JsonObject, type JsonValue, own, readYamlDocuments } from '../../src/json/index.ts'

export const chart = new URL('../../charts/remora', import.meta.url).pathname

/** For tap's `skip`: false where there is a helm. */
export const helmMissing: string | false =
  findHelm() === undefined
    ? 'no helm: it is looked for in PATH, in KUBEBUILDER_ASSETS, and where `npm run test:e2e` builds it'
    : false

function findHelm(): string | undefined {
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'remora')
  const built = existsSync(cache)
    ? readdirSync(cache)
        .filter((name) => name.startsWith('control-plane-'))
        .map((name) => join(cache, name))
        .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
    : []
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    process.env['KUBEBUILDER_ASSETS'] ?? '',
    ...built,
  ]
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'helm'))
    .find(existsSync)
}

/** Where it is; only where it is not missing. */
export function helmCommand(): string {
  const command = findHelm()
  if (command === undefined) throw new Error('helm is not there')
  return command
}

export interface HelmResult {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

export function helm(...args: readonly string[]): HelmResult {
  const { status, stdout, stderr } = spawnSync(helmCommand(), args, { encoding: 'utf8', timeout: 600_000 })
  return { status: status ?? -1, stdout, stderr }
}

export interface RenderOptions {
  readonly namespace?: string
  readonly release?: string
  /** Merged over values.yaml, as a file given by -f is. */
  readonly values?: JsonObject
  readonly args?: readonly string[]
  /** Another chart than ours. */
  readonly folder?: string
}

/** The objects that the chart renders, hooks included; throws with helm's words. */
export function render(options: RenderOptions = {}): Rendered {
  const result = tryRender(options)
  if (result.status !== 0) throw new Error(result.stderr)
  return new Rendered(
    readYamlDocuments(result.stdout)
      .map(({ value }): JsonValue => value)
      .filter(isObject),
  )
}

/** What helm prints after an installation. helm itself prints it only where it reaches a cluster, so here it is a ConfigMap's text. */
export function renderNotes(values: JsonObject = {}): string {
  const copy = mkdtempSync(join(tmpdir(), 'remora-chart-'))
  try {
    cpSync(chart, copy, { recursive: true })
    const notes = readFileSync(join(copy, 'templates/NOTES.txt'), 'utf8')
    const object = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: notes}\ndata:\n  notes: |\n'
    const text = `{{ define "notes" }}${notes}{{ end }}${object}{{ include "notes" . | indent 4 }}\n`
    writeFileSync(join(copy, 'templates/notes.yaml'), text)
    const result = tryRender({ values, folder: copy, args: ['--show-only', 'templates/notes.yaml'] })
    if (result.status !== 0) throw new Error(result.stderr)
    return result.stdout
  } finally {
    rmSync(copy, { recursive: true })
  }
}

export function tryRender({
  namespace = 'remora-system',
  release = 'remora',
  values = {},
  args = [],
  folder = chart,
}: RenderOptions): HelmResult {
  const command = helmCommand()
  // YAML takes JSON, and `-f -` reads it from standard input.
  const result = spawnSync(
    command,
    ['template', release, folder, '-n', namespace, '--kube-version', '1.35.0', ...args, '-f', '-'],
    { encoding: 'utf8', input: JSON.stringify(values), timeout: 600_000, maxBuffer: 64 * 1024 * 1024 },
  )
  return { status: result.status ?? -1, stdout: result.stdout, stderr: result.stderr }
}

export class Rendered {
  readonly objects: readonly JsonObject[]

  constructor(objects: readonly JsonObject[]) {
    this.objects = objects
  }

  all(kind: string): readonly JsonObject[] {
    return this.objects.filter((object) => own(object, 'kind') === kind)
  }

  /** The only one of its kind, or that of the name. */
  one(kind: string, name?: string): JsonObject {
    const found = this.all(kind).filter(
      (object) => name === undefined || at(object, 'metadata', 'name') === name,
    )
    const [object] = found
    if (object === undefined || found.length > 1) {
      const names = this.all(kind).map((other) => at(other, 'metadata', 'name'))
      throw new Error(`${found.length} objects ${kind} ${name ?? ''} among ${names.join(', ')}`)
    }
    return object
  }
}

/** The value at a path; undefined if any part of the path is missing. */
export function at(
  value: JsonValue | undefined,
  ...path: readonly (string | number)[]
): JsonValue | undefined {
  let current = value
  for (const step of path) {
    if (Array.isArray(current) && typeof step === 'number') current = current[step]
    else if (isObject(current) && typeof step === 'string') current = own(current, step)
    else return undefined
  }
  return current
}

export function listAt(
  value: JsonValue | undefined,
  ...path: readonly (string | number)[]
): readonly JsonValue[] {
  const found = at(value, ...path)
  if (!Array.isArray(found)) throw new Error(`no list at ${path.join('.')}`)
  return found
}

export function textAt(value: JsonValue | undefined, ...path: readonly (string | number)[]): string {
  const found = at(value, ...path)
  if (typeof found !== 'string') throw new Error(`no text at ${path.join('.')}`)
  return found
}
