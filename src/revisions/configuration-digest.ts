/**
 * Owns: the name by content of a revision's configuration. Audit annotations, `remora status` and `remora version` show it, so
 * that whoever finds a pod can tell by which texts it was injected.
 */
import { sha256Hex } from '../gotemplate/index.ts'
import type { RevisionInputs } from '../inject/index.ts'

/** A part tells configurations apart, and fits into a line. */
const DIGITS = 16

/**
 * The first 16 hexadecimal digits of the SHA-256 of the ConfigMaps' texts (`config`, `values`, `mesh`) with a NUL
 * between them, a missing one being empty. The same texts have it in every cluster, whatever else is set.
 */
export function digestConfiguration({ injectorConfigMap, meshConfigMap }: RevisionInputs): string {
  const { config = '', values = '' } = injectorConfigMap
  const texts = [config, values, meshConfigMap.mesh ?? ''].join('\0')
  return sha256Hex(new TextEncoder().encode(texts)).slice(0, DIGITS)
}
