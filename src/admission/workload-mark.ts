/**
 * Owns: a number that tells workloads apart before anything of a review is read: made of the bytes with which the request's
 * namespace and the pod's metadata begin. There an API server writes the name or generateName, which in a Deployment's
 * pods ends with the ReplicaSet's hash. Equal for the pods of one workload; equal numbers prove nothing.
 */

const NAMESPACE = '"namespace"'
const OBJECT = '"object"'
const METADATA = '"metadata"'
/** Names have at most 63 characters, and their keys stand before them. */
const LENGTH = 80
/** FNV-1a */
const OFFSET = 0x811c9dc5
const PRIME = 0x01000193

/** Thirty bits, which V8 keeps without an object of their own; undefined where there are no such places. */
export function workloadMark(body: Buffer): number | undefined {
  const namespace = body.indexOf(NAMESPACE)
  const object = body.indexOf(OBJECT, Math.max(namespace, 0))
  const metadata = object < 0 ? -1 : body.indexOf(METADATA, object)
  if (metadata < 0) return undefined
  const pod = fold(OFFSET, body, metadata + METADATA.length)
  return (namespace < object && namespace >= 0 ? fold(pod, body, namespace + NAMESPACE.length) : pod) >>> 2
}

function fold(begin: number, body: Buffer, from: number): number {
  const end = Math.min(from + LENGTH, body.length)
  let mark = begin
  for (let i = from; i < end; i++) mark = Math.imul(mark ^ (body[i] as number), PRIME) // i is within the body
  return mark
}
