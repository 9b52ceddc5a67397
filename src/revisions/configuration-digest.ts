/**
 * The digest that identifies a revision's configuration. Audit annotations, `remora status` and `remora version` show
 * it, so that the texts with which a pod was injected can be identified.
 */
import { sha256Hex } from '../gotemplate/index.ts'
import type { RevisionInputs } from '../inject/index.ts'

/** Enough to distinguish configurations, and short enough for a line. */
const DIGITS = 16

/**
 * The first 16 hexadecimal digits of the SHA-256 of the ConfigMaps' texts (`config`, `values`, `mesh`), separated by
 * NUL, with a missing one being empty. The same texts have the same digest in every cluster, whatever else is set.
 */
export function digestConfiguration({ injectorConfigMap, meshConfigMap }: RevisionInputs): string {
  const { config = '', values = '' } = injectorConfigMap
  const texts = [config, values, meshConfigMap.mesh ?? ''].join('\0')
  return sha256Hex(new TextEncoder().encode(texts)).slice(0, DIGITS)
}
