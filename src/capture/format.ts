/**
 * Owns: the lines of a capture, format version 1 (docs/capture-format.md), and telling them apart when read. Not here:
 * what is put into them, and files.
 */
import { RemoraError } from '../errors.ts'
import { isObject, type JsonObject, type JsonValue, own } from '../json/index.ts'

export const FORMAT_VERSION = 1

/** The first line of every file. */
export interface CaptureLine {
  readonly type: 'capture'
  readonly version: typeof FORMAT_VERSION
  readonly remora: string
  /** RFC 3339, of the file. */
  readonly startedAt: string
  readonly redacted: boolean
  /** Whether configuration texts stand in the file. */
  readonly configurations: 'kept' | 'left-out'
}

/** What a revision is compiled from. Once a file, before the first line that names it. */
export interface ConfigurationLine {
  readonly type: 'configuration'
  readonly id: string
  readonly name: string
  readonly namespace: string
  readonly istioVersion: string
  readonly injectorConfigMap: { readonly name: string; readonly config?: string; readonly values?: string }
  readonly meshConfigMap: { readonly name: string; readonly mesh?: string }
  readonly environment: { readonly [name: string]: string }
}

/** Everything else of a snapshot that reviews share. Once a file, before the first review that names it. */
export interface ClusterLine {
  readonly type: 'cluster'
  readonly id: string
  readonly revisions: {
    readonly [name: string]: {
      readonly namespace: string
      /** Of a ConfigurationLine; null: known but unusable. */
      readonly configuration: string | null
      readonly versionReason?: string
      readonly problem?: { readonly code: string; readonly message: string }
    }
  }
  readonly tags: { readonly [tag: string]: string }
  readonly enableNamespacesByDefault: boolean
  /** The versions that nodes have, each once: only whether all can run native sidecars counts. */
  readonly kubelets: readonly string[]
  /** As manifests. */
  readonly proxyConfigs: readonly JsonObject[]
  readonly options: {
    readonly labelRevision: boolean
    readonly templateLimits?: { readonly [limit: string]: number }
  }
}

export interface RecordedOperation {
  readonly op: string
  readonly path: string
  /** Of the value; absent for `remove`. */
  readonly digest?: string
}

export interface RecordedOutcome {
  readonly kind: string
  readonly code: string
  readonly revision?: string
  readonly notes: readonly string[]
  /** Of the whole patch, and each operation; only where the pod was patched. */
  readonly patchDigest?: string
  readonly operations?: readonly RecordedOperation[]
}

export interface ReviewLine {
  readonly type: 'review'
  /** What `--only` takes. */
  readonly id: string
  readonly at: string
  readonly path: string
  readonly review: JsonObject
  readonly cluster: string
  readonly namespaces: {
    readonly [name: string]: { readonly labels: JsonObject; readonly annotations: JsonObject }
  }
  /** The version of the node that the pod names. */
  readonly node?: { readonly name: string; readonly kubelet: string }
  readonly nowMs: number
  readonly seed: number
  /** Of the run on the review as it stands in this line. */
  readonly outcome: RecordedOutcome
  /** Where the answer that was given differs from that in code or in the shape of its patch: redaction made it so. */
  readonly answered?: { readonly kind: string; readonly code: string; readonly operations?: number }
}

export type Line = CaptureLine | ConfigurationLine | ClusterLine | ReviewLine

/** Of a file that is no capture, is of another version, or has a line that does not fit. */
export class CaptureError extends RemoraError {}

/**
 * One parsed line; undefined where the type is unknown (a later minor addition), which readers pass over.
 * @throws CaptureError `capture-malformed`, `capture-version-unknown`
 */
export function readLine(value: JsonValue, source: string, line: number): Line | undefined {
  const fail = (what: string) =>
    new CaptureError('capture-malformed', `${source}, line ${line}: ${what}`, { source, line })
  if (!isObject(value)) throw fail('expected an object')
  const type = own(value, 'type')
  const needs = (fields: readonly (readonly [string, 'string' | 'number' | 'object'])[]): void => {
    for (const [name, kind] of fields) {
      const found = own(value, name)
      const fits = kind === 'object' ? isObject(found) : typeof found === kind
      if (!fits) throw fail(`a ${String(type)} line needs ${name} (${kind})`)
    }
  }
  switch (type) {
    case 'capture': {
      const version = own(value, 'version')
      if (version !== FORMAT_VERSION) {
        throw new CaptureError(
          'capture-version-unknown',
          `${source}: format version ${JSON.stringify(version ?? null)}; this Remora reads version ${FORMAT_VERSION}`,
          { source, line },
        )
      }
      break
    }
    case 'configuration':
      needs([
        ['id', 'string'],
        ['name', 'string'],
        ['namespace', 'string'],
        ['istioVersion', 'string'],
        ['injectorConfigMap', 'object'],
        ['meshConfigMap', 'object'],
        ['environment', 'object'],
      ])
      break
    case 'cluster':
      needs([
        ['id', 'string'],
        ['revisions', 'object'],
        ['tags', 'object'],
        ['options', 'object'],
      ])
      if (!Array.isArray(own(value, 'kubelets')) || !Array.isArray(own(value, 'proxyConfigs')))
        throw fail('a cluster line needs kubelets and proxyConfigs (lists)')
      break
    case 'review':
      needs([
        ['id', 'string'],
        ['path', 'string'],
        ['review', 'object'],
        ['cluster', 'string'],
        ['namespaces', 'object'],
        ['nowMs', 'number'],
        ['seed', 'number'],
        ['outcome', 'object'],
      ])
      break
    default:
      if (typeof type !== 'string') throw fail('a line of a capture has a `type`')
      return undefined
  }
  // The fields that are read without looking again were checked above.
  return value as unknown as Line
}
