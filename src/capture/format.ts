/** The lines of a capture, format version 1 (docs/capture-format.md), and their validation when read. */
import { RemoraError } from '../errors.ts'
import { isObject, type JsonObject, type JsonValue, own } from '../json/index.ts'

export const FORMAT_VERSION = 1

/** The first line of every file. */
export interface CaptureLine {
  readonly type: 'capture'
  readonly version: typeof FORMAT_VERSION
  readonly remora: string
  /** RFC 3339, when the file was created. */
  readonly startedAt: string
  readonly redacted: boolean
  /** Whether the file contains configuration texts. */
  readonly configurations: 'kept' | 'left-out'
}

/** The input from which a revision is compiled. Once per file, before the first line that refers to it. */
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

/** Everything else of a snapshot that reviews share. Once per file, before the first review that refers to it. */
export interface ClusterLine {
  readonly type: 'cluster'
  readonly id: string
  readonly revisions: {
    readonly [name: string]: {
      readonly namespace: string
      /** The id of a ConfigurationLine; null if the revision is known but unusable. */
      readonly configuration: string | null
      readonly versionReason?: string
      readonly problem?: { readonly code: string; readonly message: string }
    }
  }
  readonly tags: { readonly [tag: string]: string }
  readonly enableNamespacesByDefault: boolean
  /** The distinct kubelet versions: only whether all of them support native sidecars matters. */
  readonly kubelets: readonly string[]
  /** As manifests. */
  readonly proxyConfigs: readonly JsonObject[]
  /** Absent: none. */
  readonly rollouts?: readonly RolloutLine[]
  readonly options: {
    readonly labelRevision: boolean
    readonly templateLimits?: { readonly [limit: string]: number }
  }
}

export interface RolloutLine {
  /** As a manifest. */
  readonly rollout: JsonObject
  /** The Service of the target, if it could not serve. */
  readonly unready?: { readonly service: string; readonly state: 'unready' | 'not-read' }
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
  /** Digests of the whole patch and of each operation; only for a patched pod. */
  readonly patchDigest?: string
  readonly operations?: readonly RecordedOperation[]
}

export interface ReviewLine {
  readonly type: 'review'
  /** The id for `--only`. */
  readonly id: string
  readonly at: string
  readonly path: string
  readonly review: JsonObject
  readonly cluster: string
  readonly namespaces: {
    readonly [name: string]: { readonly labels: JsonObject; readonly annotations: JsonObject }
  }
  /** The kubelet version of the pod's node. */
  readonly node?: { readonly name: string; readonly kubelet: string }
  readonly nowMs: number
  readonly seed: number
  /** The outcome for the review as it is in this line. */
  readonly outcome: RecordedOutcome
  /** Set if the real answer differs in code or in the operations of its patch, because of redaction. */
  readonly answered?: { readonly kind: string; readonly code: string; readonly operations?: number }
}

export type Line = CaptureLine | ConfigurationLine | ClusterLine | ReviewLine

/** The file is not a capture, has an unknown version, or has an invalid line. */
export class CaptureError extends RemoraError {}

/**
 * Parses one line. Undefined if the type is unknown (a later minor addition), which readers skip.
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
      if (!Array.isArray(own(value, 'rollouts') ?? []))
        throw fail('rollouts of a cluster line must be a list')
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
      if (typeof type !== 'string') throw fail('a line of a capture needs a `type`')
      return undefined
  }
  // The fields that are read without a check were checked above.
  return value as unknown as Line
}
