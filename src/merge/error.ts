/** What a strategic merge refuses, told apart by code, and the place in the patch where it stood. */
import { RemoraError } from '../errors.ts'
import { encodeGoJson, type JsonValue } from '../json/index.ts'

export type MergeErrorCode =
  /** A list item without the field that tells items apart. */
  | 'merge-missing-key'
  /** A merge key that is an object or a list: Go's comparison of these panics. */
  | 'merge-key-not-scalar'
  /** `$patch` with another word than `replace` or `delete`. */
  | 'merge-bad-directive'
  /** `$setElementOrder` that does not fit the list it orders, or no list. */
  | 'merge-bad-element-order'
  /** `$retainKeys` that is no list or lacks a key of the patch. */
  | 'merge-bad-retain-keys'
  /** A key that only begins like `$deleteFromPrimitiveList/<field>`. */
  | 'merge-bad-primitive-delete'
  /** Lists of mixed types, a list or object where the schema has another kind. */
  | 'merge-type-mismatch'
  /** Objects to be merged under a field that the schema does not know or that is no struct. */
  | 'merge-not-a-struct'
  /** The document or the patch is no JSON object. */
  | 'merge-bad-document'
  | 'merge-too-deep'

/** The way down from the root, kept as a chain so that nothing is joined unless an error is made. */
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

/** A value as part of a message, cut where it is long. */
export function show(value: JsonValue | undefined): string {
  if (value === undefined) return 'nothing'
  const text = encodeGoJson(value)
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text
}
