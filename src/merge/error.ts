/** Errors of a strategic merge, distinguished by code, with the position in the patch. */
import { RemoraError } from '../errors.ts'
import { encodeGoJson, type JsonValue } from '../json/index.ts'

export type MergeErrorCode =
  /** A list item without the merge key. */
  | 'merge-missing-key'
  /** A merge key that is an object or a list: Go's comparison of these panics. */
  | 'merge-key-not-scalar'
  /** `$patch` with another value than `replace` or `delete`. */
  | 'merge-bad-directive'
  /** `$setElementOrder` that does not match its list, or is not a list. */
  | 'merge-bad-element-order'
  /** `$retainKeys` that is not a list or lacks a key of the patch. */
  | 'merge-bad-retain-keys'
  /** A key that starts like `$deleteFromPrimitiveList/<field>` but is not one. */
  | 'merge-bad-primitive-delete'
  /** Lists of mixed types, or a list or object for which the schema has another type. */
  | 'merge-type-mismatch'
  /** Objects to be merged under a field that the schema does not know or that is not a struct. */
  | 'merge-not-a-struct'
  /** The document or the patch is not a JSON object. */
  | 'merge-bad-document'
  | 'merge-too-deep'

/** The path from the root as a linked chain, so that nothing is joined unless there is an error. */
export interface PathNode {
  readonly parent: PathNode | undefined
  readonly step: string
}

export class MergeError extends RemoraError {
  declare readonly code: MergeErrorCode

  constructor(code: MergeErrorCode, message: string, path: PathNode | undefined) {
    const place = formatPath(path)
    super(code, place === '' ? message : `${place}: ${message}`, place === '' ? {} : { path: place })
  }
}

/** As Kubernetes writes field paths: `spec.containers[name=app].env`. */
function formatPath(path: PathNode | undefined): string {
  let text = ''
  for (let node = path; node !== undefined; node = node.parent) {
    text = node.step + (text === '' || text.startsWith('[') ? '' : '.') + text
  }
  return text
}

const MAX_SHOWN = 200

/** A value as part of a message, truncated if it is long. */
export function show(value: JsonValue | undefined): string {
  if (value === undefined) return 'nothing'
  const text = encodeGoJson(value)
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text
}
