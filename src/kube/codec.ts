/**
 * The typed codec: a JSON value as Go decodes it into a Kubernetes struct and encodes it again. Based on k8s.io/api
 * v0.36 (in the schema table) and encoding/json of Go 1.24 and later (older ones omit the names of embedded structs
 * from the field paths of errors).
 */
import type { JsonObject, JsonValue } from '../json/index.ts'
import { type CodecOptions, type CodecStruct, codecTable } from './codec-table.ts'
import { decodeStruct } from './decode.ts'
import { encodeStruct } from './encode.ts'

/** The structs that callers name; any other name of the schema table works too. */
export type TypedName =
  | 'Pod'
  | 'PodTemplateSpec'
  | 'PodSpec'
  | 'Container'
  | 'Volume'
  | 'VolumeMount'
  | 'Probe'
  | 'ObjectMeta'
  | (string & {})

/**
 * The value as the named struct is encoded: keys in Go's order, zero values as Go writes them, without unknown fields.
 * Parts that are canonical already are the input's own objects. Null gives the zero struct.
 * @throws KubeError kube-type, kube-quantity, kube-time; an unknown name is a programming error
 */
export function decodeTyped(name: TypedName, value: JsonValue, options: CodecOptions = {}): JsonObject {
  return decodeStruct(structOf(name, options), value)
}

/** The text of json.Marshal for the named struct; decodes first. @throws as decodeTyped */
export function encodeTyped(name: TypedName, value: JsonValue, options: CodecOptions = {}): string {
  const struct = structOf(name, options)
  return encodeStruct(struct, decodeStruct(struct, value))
}

/** decodeTyped of a Pod: what Istio does first with a review's object. */
export function decodePod(value: JsonValue, options: CodecOptions = {}): JsonObject {
  return decodeTyped('Pod', value, options)
}

/**
 * decodePod for a pod that was merged from others and shares most of its parts with them. A part that is the same
 * object as that at the same position in `typed` is not decoded again. In a typical injection these are 9 parts in 10;
 * decoding them twice after the merge would cost as much as parsing the whole review five times.
 * @param typed pods as decodePod returns them
 * @throws as decodeTyped
 */
export function decodeMergedPod(value: JsonValue, typed: readonly JsonObject[]): JsonObject {
  return decodeStruct(structOf('Pod', {}), value, typed)
}

/** encodeTyped of a Pod. */
export function encodePod(value: JsonValue, options: CodecOptions = {}): string {
  return encodeTyped('Pod', value, options)
}

function structOf(name: string, options: CodecOptions): CodecStruct {
  const struct = codecTable(options).get(name)
  if (struct === undefined) throw new Error(`the schema table has no type ${name}`)
  return struct
}
