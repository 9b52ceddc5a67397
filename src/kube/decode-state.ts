/**
 * Where a decoding is, and its errors in Go's words: Go names the fields on the way (embedded structs too), without
 * indexes and map keys, and the struct that the last one belongs to. Our own path has them all.
 */
import type { JsonValue } from '../json/index.ts'
import type { CodecField } from './codec-table.ts'
import { KubeError, type KubeErrorCode } from './error.ts'

/** A field, the index of a list item, or a map's key. */
type Step = CodecField | number | string

export interface DecodeState {
  readonly steps: Step[]
  /** The first error that Go only remembers. */
  saved: KubeError | undefined
}

export interface TypeErrorDetail {
  /** What was found, where its JSON type is not enough. */
  readonly found?: string
  /** Go stops where a type's own decoder fails. */
  readonly atOnce?: boolean
}

/** A value of the wrong type: remembered, or thrown where Go stops at once. */
export function typeError(
  value: JsonValue,
  goType: string,
  state: DecodeState,
  detail: TypeErrorDetail = {},
): void {
  if (state.saved !== undefined && !detail.atOnce) return
  const found =
    detail.found ?? (Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value)
  const fields: string[] = []
  let owner: string | undefined
  for (const step of state.steps) {
    if (typeof step !== 'object') continue
    fields.push(...step.schema.embeddedIn, step.schema.name)
    owner = step.owner.name
  }
  const target = owner === undefined ? 'value' : `struct field ${owner}.${fields.join('.')}`
  const error = errorAt(
    'kube-type',
    `json: cannot unmarshal ${found} into Go ${target} of type ${goType}`,
    state,
  )
  if (detail.atOnce) throw error
  state.saved = error
}

export function errorAt(code: KubeErrorCode, reason: string, state: DecodeState): KubeError {
  let path = ''
  for (const step of state.steps) {
    if (typeof step === 'number') path += `[${step}]`
    else if (typeof step === 'string') path += `[${step}]`
    else path += (path === '' ? '' : '.') + step.schema.name
  }
  return new KubeError(code, reason, path)
}
