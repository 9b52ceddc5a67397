/**
 * Notes about labels on a namespace or a pod that most likely do not mean what their author intended. They never affect
 * the decision. Whoever creates a pod with kubectl sees them as warnings.
 */
import { isObject, type JsonObject, own } from '../json/index.ts'
import { INJECTION_LABEL, REVISION_LABEL } from '../kube/index.ts'
import { nearestName } from '../nearest-name.ts'
import type { DecidedRevision, Note } from './outcome.ts'
import type { InjectionRequest } from './request.ts'
import { STATUS } from './restore.ts'
import { labelValue, type RevisionFacts, type RevisionQuestion } from './revision-question.ts'
import type { NamespaceFacts } from './snapshot.ts'

export interface LabelSituation {
  readonly question: RevisionQuestion
  readonly metadata: JsonObject | undefined
  readonly namespace: NamespaceFacts | undefined
  /** The chosen revision; undefined: none. */
  readonly decided: DecidedRevision | undefined
}

/** @param facts what is installed */
export function findLabelMistakes(situation: LabelSituation, facts: RevisionFacts): readonly Note[] {
  const { question } = situation
  const onNamespace = labelValue(question, 'namespace', REVISION_LABEL)
  const notes = [
    ...contradictingLabels(question, onNamespace),
    ...unservedLabel('namespace', onNamespace, facts),
    ...misplaced('namespace', situation.namespace?.annotations.get(REVISION_LABEL), situation),
  ]
  // The label and annotation come from an earlier injection, whose author was warned then.
  if (annotation(situation.metadata, STATUS) !== undefined) return notes
  const onPod = labelValue(question, 'pod', REVISION_LABEL)
  return [
    ...notes,
    ...idlePodLabel(situation, onNamespace, onPod),
    ...unservedLabel('pod', onPod, facts),
    ...misplaced('pod', annotation(situation.metadata, REVISION_LABEL), situation),
  ]
}

export function metadataOfRequest({ object }: InjectionRequest): JsonObject | undefined {
  const metadata = own(object, 'metadata')
  return isObject(metadata) ? metadata : undefined
}

function annotation(metadata: JsonObject | undefined, name: string): string | undefined {
  const annotations = own(metadata, 'annotations')
  const value = isObject(annotations) ? own(annotations, name) : undefined
  return typeof value === 'string' ? value : undefined
}

function contradictingLabels(question: RevisionQuestion, revision: string | undefined): readonly Note[] {
  const injection = labelValue(question, 'namespace', INJECTION_LABEL)
  if (injection === undefined || revision === undefined) return []
  const message = `the namespace has istio-injection=${injection}, so its istio.io/rev=${revision} is ignored`
  return [{ code: 'namespace-revision-ignored', message }]
}

/** A label of the revision that the namespace chooses anyway is no mistake: charts of gateways write it. */
function idlePodLabel(
  { question, decided }: LabelSituation,
  onNamespace: string | undefined,
  onPod: string | undefined,
): readonly Note[] {
  const injection = labelValue(question, 'namespace', INJECTION_LABEL)
  const idle = injection !== undefined || (onNamespace !== undefined && onNamespace !== onPod)
  if (onPod === undefined || !idle) return []
  if (onPod === decided?.revision || onPod === decided?.tag) return []
  const message = `the namespace decides, so the pod's istio.io/rev=${onPod} is ignored`
  return [{ code: 'pod-revision-ignored', message }]
}

function unservedLabel(
  on: 'namespace' | 'pod',
  name: string | undefined,
  { revisions, tags, external }: RevisionFacts,
): readonly Note[] {
  if (name === undefined || revisions.has(name) || tags.has(name) || external?.has(name)) return []
  const names = [...new Set([...revisions.keys(), ...tags.keys()])].sort()
  // Istio's names have dashes where versions have dots, and a label allows both.
  const dashed = name.replaceAll('.', '-')
  const meant = dashed !== name && names.includes(dashed) ? dashed : nearestRevision(name, names)
  const hint = meant === undefined ? '' : ` (did you mean ${meant}?)`
  const message = `the ${on}'s label istio.io/rev=${name} names no revision or tag${hint}; known: ${names.join(', ') || 'none'}`
  return [{ code: 'revision-label-unserved', message }]
}

/** Names that differ only in digits are different versions, not misspelt ones. */
function nearestRevision(name: string, names: readonly string[]): string | undefined {
  const letters = (text: string) => text.replaceAll(/\d+/g, '0')
  return nearestName(
    name,
    names.filter((known) => letters(known) !== letters(name)),
  )
}

/** Only if it misleads: an annotation that names the chosen revision anyway is harmless. */
function misplaced(
  on: 'namespace' | 'pod',
  name: string | undefined,
  { question, decided }: LabelSituation,
): readonly Note[] {
  if (name === undefined || labelValue(question, on, REVISION_LABEL) !== undefined) return []
  if (name === decided?.revision || name === decided?.tag) return []
  const message = `the ${on} has istio.io/rev=${name} as an annotation, which has no effect; set it as a label`
  return [{ code: 'revision-in-annotation', message }]
}
