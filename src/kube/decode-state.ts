/**
 * Where a decoding is, and its errors in Go's words: Go names the fields on the way (embedded structs too), without
 * indexes and map keys, and the struct that the last one belongs to. Our own path has them all.
 *
 * Nearly every pod decodes without an error, so the way is not kept at first: an error is then only noticed, and the
 * value is read a second time to say which and where.
 */
import type { JsonValue } from '../json/index.ts'
import type { CodecField } from './codec-table.ts'
import { KubeError, type KubeErrorCode } from './error.ts'

/** A field, the index of a list item, or a map's key. */
type Step = CodecField | number | string

export interface DecodeState {
  /** undefined in the first reading. */
  readonly steps: Step[] | undefined
  /** The first error that Go only remembers. */
  saved: KubeError | undefined
  /** In the first reading: there is an error of some kind, and what is decoded from here on is of no use. */
  failed: boolean
  /** Decoded maps of many keys: asking V8 whether such a map has any costs as much as reading all. */
  wide?: Set<JsonValue>
}

export interface TypeErrorDetail {
  /** What was found, where its JSON type is not enough. */
  readonly found?: string
  /** Go stops where a type's own decoder fails. */
  readonly atOnce?: boolean
}

/** A value of the wrong type: noticed, remembered, or thrown where Go stops at once. */
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
  const error = new KubeError('kube-type', reason, pathOf(steps))
  if (detail.atOnce) throw error
  state.saved = error
}

/** What Go's own decoder of a type refuses: noticed or thrown. */
export function formatError(code: KubeErrorCode, reason: string, state: DecodeState): void {
  if (state.steps !== undefined) throw new KubeError(code, reason, pathOf(state.steps))
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
