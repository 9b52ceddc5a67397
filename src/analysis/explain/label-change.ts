/** One change of a label or an annotation that decides about injection: what it is, and what it makes of them. */

/** What decides of a namespace and a pod; the rest of them stays as it is. */
export interface LabelState {
  readonly namespaceLabels: ReadonlyMap<string, string>
  readonly podLabels: ReadonlyMap<string, string>
  readonly podAnnotations: ReadonlyMap<string, string>
}

export interface LabelChange {
  readonly on: keyof LabelState
  readonly name: string
  /** undefined: it is not there. */
  readonly from: string | undefined
  /** undefined: remove it. */
  readonly to: string | undefined
}

export function applyLabelChanges(state: LabelState, changes: readonly LabelChange[]): LabelState {
  const changed = { ...state }
  for (const { on, name, to } of changes) {
    const map = new Map(changed[on])
    if (to === undefined) map.delete(name)
    else map.set(name, to)
    changed[on] = map
  }
  return changed
}

/** `remove istio-injection from namespace shop`, `set label istio.io/rev=canary on the pod`. */
export function describeLabelChange({ on, name, to }: LabelChange, namespace: string): string {
  const where = on === 'namespaceLabels' ? `namespace ${namespace}` : 'the pod'
  const what = on === 'podAnnotations' ? 'annotation ' : on === 'podLabels' ? 'label ' : ''
  return to === undefined ? `remove ${what}${name} from ${where}` : `set ${what}${name}=${to} on ${where}`
}
