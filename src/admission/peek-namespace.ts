/**
 * Reads the namespace of a review from the beginning of its body, for the shares of in-flight bytes. Injection uses
 * only the namespace of the decoded review (decode-review.ts).
 */

/** The part of an API server's body before the namespace. All of it has bounded length except the object's name. */
const HEAD_BYTES = 4096
/**
 * The keys in the order in which Kubernetes encodes AdmissionReview and AdmissionRequest, up to `namespace`, which
 * comes before everything that a user can make long. Strings are matched as a whole, so that a name cannot imitate a
 * key.
 */
const BEFORE_NAMESPACE =
  /^\s*\{(?:"(?:kind|apiVersion)":"[^"\\]*",)*"request":\{(?:"\w+":(?:"(?:[^"\\]|\\.)*"|\{[^{}]*\}),)*?"namespace":"([^"\\]{1,253})"/

/** @returns undefined if the body is not written as API servers write it */
export function peekNamespace(beginning: Uint8Array): string | undefined {
  const { buffer, byteOffset, byteLength } = beginning
  const head = Buffer.from(buffer, byteOffset, Math.min(byteLength, HEAD_BYTES)).toString('latin1')
  return BEFORE_NAMESPACE.exec(head)?.[1]
}
