/** What depends on a revision or a tag: one row for each kind of dependant in kinds.ts, with the function that finds it. */
import type { ObjectKind } from '../../kube/index.ts'
import type { UsedByFacts } from './facts.ts'
import type { UsedBySubject } from './subject.ts'

export interface Dependant {
  /** `shop/pod/web-1`, `namespace/shop`. */
  readonly object: string
  /** What reports list it under: the workload of a pod, else the object itself. */
  readonly group: string
  /** How it depends on it; empty where its kind says it. */
  readonly why: string
}

export interface DependantKind {
  /** Stable; in JSON. */
  readonly id: string
  readonly one: string
  readonly many: string
  /** What happens to it without the revision or tag. */
  readonly effect: string
  /** How to end the dependence. */
  readonly fix: string
  /** Kinds of objects without which it is not known whether there are any. */
  readonly needs: readonly ObjectKind[]
  find(subject: UsedBySubject, facts: UsedByFacts): readonly Dependant[]
}

export function dependant(object: string, why = '', group = object): Dependant {
  return { object, group, why }
}

/** `shop/deployment/web`; `gatewayclass/istio` for a kind without namespaces. */
export function objectName(
  kind: string,
  { namespace, name }: { readonly namespace?: string; readonly name: string },
) {
  const word = `${kind.toLowerCase()}/${name}`
  return namespace === undefined ? word : `${namespace}/${word}`
}
