/** What a new pod from a template would get today, by the core itself. */
import {
  type DecidedRevision,
  type InjectOptions,
  inject,
  type Note,
  type RevisionTarget,
  type Snapshot,
} from '../inject/index.ts'
import type { JsonObject } from '../json/index.ts'
import { INJECT_LABEL, INJECTION_LABEL, labelOf, metadataOf, REVISION_LABEL, textAt } from '../kube/index.ts'
import { defaultPod } from './default-template.ts'
import type { Injection } from './injection.ts'
import { findStatements } from './statements.ts'

export type Desired =
  | { readonly kind: 'sidecar'; readonly injection: Injection; readonly notes: readonly Note[] }
  /** Not injected: not requested, or opted out by the pod or a policy. */
  | { readonly kind: 'none'; readonly code: string }
  /** Its labels request a revision or tag that no control plane serves. */
  | { readonly kind: 'unserved'; readonly code: string; readonly asked: string }
  /** The pod itself is at fault. */
  | {
      readonly kind: 'refused'
      readonly code: string
      readonly message: string
      readonly revision: string | undefined
    }
  /** The configuration is. */
  | {
      readonly kind: 'fault'
      readonly code: string
      readonly message: string
      readonly revision: string | undefined
    }

export interface DesiredFacts {
  readonly snapshot: Snapshot
  readonly options: InjectOptions
  readonly proxyEnv?: (pod: JsonObject) => ReadonlyMap<string, string>
}

export function findDesired(
  pod: JsonObject,
  { snapshot, options, proxyEnv }: DesiredFacts,
  target: RevisionTarget = { by: 'labels' },
): Desired {
  const submitted = defaultPod(pod)
  const namespace = textAt(metadataOf(pod), 'namespace') || 'default'
  const outcome = inject(
    {
      target,
      namespace,
      operation: 'CREATE',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      subResource: '',
      object: submitted,
      proxyEnv: proxyEnv?.(submitted) ?? new Map(),
      // Istio's templates use neither; a template that does differs for each pod anyway.
      nowMs: 0,
      seed: 0,
    },
    snapshot,
    options,
  )
  const revision = outcome.decided?.revision
  switch (outcome.kind) {
    case 'patched': {
      const injected = outcome.pod
      const statements = findStatements(submitted, injected)
      const injection = { submitted, injected, statements, revision: revision ?? 'default' }
      return { kind: 'sidecar', injection, notes: outcome.notes }
    }
    case 'skipped':
      return skipped(outcome.code, submitted, snapshot)
    case 'refused':
      return { kind: 'refused', code: outcome.code, message: outcome.message, revision }
    case 'fault':
      return UNSERVED_FAULTS.has(outcome.code)
        ? { kind: 'unserved', code: outcome.code, asked: askedName(outcome.decided, submitted, snapshot) }
        : { kind: 'fault', code: outcome.code, message: outcome.message, revision }
  }
}

const UNSERVED_FAULTS: ReadonlySet<string> = new Set([
  'tag-target-unknown',
  'tag-unknown',
  'revision-unknown',
])

function skipped(code: string, pod: JsonObject, snapshot: Snapshot): Desired {
  const asks =
    code === 'revision-not-installed' || (code === 'no-default-revision' && asksForDefault(pod, snapshot))
  return asks
    ? { kind: 'unserved', code, asked: askedName(undefined, pod, snapshot) }
    : { kind: 'none', code }
}

/** If namespaces are enabled by default, every pod requests injection. */
function asksForDefault(pod: JsonObject, snapshot: Snapshot): boolean {
  return (
    snapshot.enableNamespacesByDefault ||
    namespaceLabel(pod, snapshot, INJECTION_LABEL) === 'enabled' ||
    labelOf(pod, INJECT_LABEL) === 'true'
  )
}

function askedName(decided: DecidedRevision | undefined, pod: JsonObject, snapshot: Snapshot): string {
  if (decided?.tag !== undefined) return decided.tag
  if (decided !== undefined) return decided.revision
  if (namespaceLabel(pod, snapshot, INJECTION_LABEL) === 'enabled') return 'default'
  return namespaceLabel(pod, snapshot, REVISION_LABEL) ?? labelOf(pod, REVISION_LABEL) ?? 'default'
}

function namespaceLabel(pod: JsonObject, { namespaces }: Snapshot, name: string): string | undefined {
  return namespaces.get(textAt(metadataOf(pod), 'namespace'))?.labels.get(name)
}

/** The revision that a new pod would get. */
export function desiredRevision(desired: Desired): string | undefined {
  switch (desired.kind) {
    case 'sidecar':
      return desired.injection.revision
    case 'refused':
    case 'fault':
      return desired.revision
    default:
      return undefined
  }
}
