/**
 * The position in a decoding, and its errors as Go words them. Go names the fields on the path (embedded structs too)
 * without indexes and map keys, and the struct of the last field. Our own path is complete.
 *
 * Nearly every pod decodes without an error, so the first pass does not track the path. It only detects that there is
 * an error, and a second pass finds which one and where.
 */
import { type JsonValue, own } from '../json/index.ts'
import type { CodecField } from './codec-table.ts'
import { KubeError, type KubeErrorCode } from './error.ts'

/** A field, the index of a list item, or a map's key. */
type Step = CodecField | number | string

export interface DecodeState {
  /** undefined in the first pass. */
  readonly steps: Step[] | undefined
  /** The first error that Go reports only after the whole value has been read. */
  saved: KubeError | undefined
  /** In the first pass: there is an error of some kind, and whatever is decoded from here on is discarded. */
  failed: boolean
  /** Decoded maps with many keys: to ask V8 whether such a map has any key costs as much as to read all of them. */
  wide?: Set<JsonValue>
}

export interface TypeErrorDetail {
  /** What was found, if its JSON type does not say enough. */
  readonly found?: string
  /** The kind of scalar that is expected, if the Go type is a named one. */
  readonly expected?: string
  /** Go stops if a type's own decoder fails. */
  readonly atOnce?: boolean
}

/** A value of the wrong type: detected, saved, or thrown if Go stops at once. */
export function typeError(
  value: JsonValue,
  goType: string,
  state: DecodeState,
  detail: TypeErrorDetail = {},
): void {
  const { steps } = state
  if (steps === undefined) {
    state.failed = true
    return
  }
  if (state.saved !== undefined && !detail.atOnce) return
  const found =
    detail.found ?? (Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value)
  const fields: string[] = []
  let owner: string | undefined
  for (const step of steps) {
    if (typeof step !== 'object') continue
    fields.push(...step.schema.embeddedIn, step.schema.name)
    owner = step.owner.name
  }
  const target = owner === undefined ? 'value' : `struct field ${owner}.${fields.join('.')}`
  const reason = `json: cannot unmarshal ${found} into Go ${target} of type ${goType}`
  const problem = `found ${nameOfFound(found)}, expected ${nameOfType(detail.expected ?? goType)}`
  const error = new KubeError('kube-type', reason, pathOf(steps), problem)
  if (detail.atOnce) throw error
  state.saved = error
}

/** What the manifest has, by Go's name. */
function nameOfFound(found: string): string {
  const names: { readonly [found: string]: string } = {
    string: 'a string',
    bool: 'a boolean',
    array: 'a list',
    object: 'a map',
    number: 'a number',
  }
  return own(names, found) ?? `the ${found}`
}

/** What a Go type is in a manifest. */
function nameOfType(goType: string): string {
  const names: { readonly [type: string]: string } = {
    string: 'a string',
    bool: 'true or false',
    int32: 'an integer of 32 bits',
    int64: 'an integer of 64 bits',
    float64: 'a number',
    'intstr.IntOrString': 'an integer or a string',
  }
  return own(names, goType) ?? (goType.startsWith('[]') ? 'a list' : 'a map')
}

/** An error of a type's own decoder in Go: detected or thrown. */
export function formatError(
  code: KubeErrorCode,
  { reason, expected }: { readonly reason: string; readonly expected: string },
  state: DecodeState,
): void {
  if (state.steps !== undefined)
    throw new KubeError(code, reason, pathOf(state.steps), `expected ${expected}`)
  state.failed = true
}

function pathOf(steps: readonly Step[]): string {
  let path = ''
  for (const step of steps) {
    if (typeof step === 'number') path += `[${step}]`
    else if (typeof step === 'string') path += `[${step}]`
    else path += (path === '' ? '' : '.') + step.schema.name
  }
  return path
}
