/** One change of a label or an annotation that affects injection, and its application. */

/** The labels and annotations of a namespace and a pod that decide; the rest does not change. */
export interface LabelState {
  readonly namespaceLabels: ReadonlyMap<string, string>
  readonly podLabels: ReadonlyMap<string, string>
  readonly podAnnotations: ReadonlyMap<string, string>
}

export interface LabelChange {
  readonly on: keyof LabelState
  readonly name: string
  /** undefined: it does not exist. */
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

/** The changes that restore what was there before. */
export function revertLabelChanges(changes: readonly LabelChange[]): readonly LabelChange[] {
  return changes.map((change) => ({ ...change, from: change.to, to: change.from }))
}

/** `remove istio-injection from namespace shop`, `set label istio.io/rev=canary on the pod`. */
export function describeLabelChange({ on, name, to }: LabelChange, namespace: string): string {
  const where = on === 'namespaceLabels' ? `namespace ${namespace}` : 'the pod'
  const what = on === 'podAnnotations' ? 'annotation ' : on === 'podLabels' ? 'label ' : ''
  return to === undefined ? `remove ${what}${name} from ${where}` : `set ${what}${name}=${to} on ${where}`
}
