/**
 * Owns: the namespace of a review of which only the beginning has arrived. Not here: the review itself (decode-review.ts),
 * whose namespace alone decides about injection.
 */

/** An API server's text up to the namespace: all of it is of bounded length but the object's name. */
const HEAD_BYTES = 4096
/**
 * The keys in the order in which Kubernetes' AdmissionReview and AdmissionRequest are encoded, down to `namespace`, which
 * comes before everything that a user can make long. A string is read as a whole, so that a name cannot hold a key.
 */
const BEFORE_NAMESPACE =
  /^\s*\{(?:"(?:kind|apiVersion)":"[^"\\]*",)*"request":\{(?:"\w+":(?:"(?:[^"\\]|\\.)*"|\{[^{}]*\}),)*?"namespace":"([^"\\]{1,253})"/

/** @returns undefined where it is not written the way API servers write it */
export function peekNamespace(beginning: Uint8Array): string | undefined {
  const { buffer, byteOffset, byteLength } = beginning
  const head = Buffer.from(buffer, byteOffset, Math.min(byteLength, HEAD_BYTES)).toString('latin1')
  return BEFORE_NAMESPACE.exec(head)?.[1]
}
