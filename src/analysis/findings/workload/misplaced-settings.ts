/** Valid injection settings in a place where nothing reads them: on the owner, or a label as an annotation and vice versa. */
import { podLabels as knownPodLabels, sidecarAnnotations } from '../../../istio/index.ts'
import { type JsonObject, own } from '../../../json/index.ts'
import { INJECTION_LABEL, metadataOf, objectAt, REVISION_LABEL, textAt } from '../../../kube/index.ts'
import type { ClusterFacts } from '../cluster-facts.ts'
import { few } from '../few.ts'
import { type Finding, makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import type { WorkloadSubject } from '../subject.ts'

const INJECT = 'sidecar.istio.io/inject'
const ANNOTATIONS: ReadonlySet<string> = new Set(sidecarAnnotations)
const POD_LABELS: ReadonlySet<string> = new Set(knownPodLabels)
/** The injector writes it; on an owner it comes from `kubectl get -o yaml`. */
const WRITTEN = new Set(['sidecar.istio.io/status'])

export const misplacedSettings: Rule<'workload'> = {
  subject: 'workload',
  codes: ['setting-on-owner', 'setting-misplaced'],
  needs: [],
  find(workload, facts) {
    return [...onOwner(workload), ...onPod(workload, facts)]
  },
}

/** What is on the owner and not on its template. */
function onOwner({ title, object, pod }: WorkloadSubject): readonly Finding[] {
  if (textAt(object, 'kind') === 'Pod') return []
  const kind = textAt(object, 'kind')
  const template = metadataOf(pod)
  const labels = Object.keys(objectAt(metadataOf(object), 'labels')).filter(
    (name) =>
      (name === INJECT || name === REVISION_LABEL) &&
      own(objectAt(template, 'labels'), name) === undefined &&
      own(objectAt(template, 'annotations'), name) === undefined,
  )
  const annotations = Object.keys(objectAt(metadataOf(object), 'annotations')).filter(
    (name) =>
      ANNOTATIONS.has(name) &&
      !WRITTEN.has(name) &&
      own(objectAt(template, 'annotations'), name) === undefined &&
      own(objectAt(template, 'labels'), name) === undefined,
  )
  return [named('label', labels), named('annotation', annotations)].flatMap((names) =>
    names === undefined
      ? []
      : [
          makeFinding('setting-on-owner', {
            where: { object: title, path: 'metadata' },
            message: `the ${names} on the ${kind} itself ${names.includes(',') ? 'are' : 'is'} not read for its pods`,
            expected: `${names} in ${pathOf(object)}`,
          }),
        ],
  )
}

function pathOf(object: JsonObject): string {
  return textAt(object, 'kind') === 'CronJob'
    ? 'spec.jobTemplate.spec.template.metadata'
    : 'spec.template.metadata'
}

function named(word: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined
  return `${word}${names.length === 1 ? '' : 's'} ${few(names, 5)}`
}

function onPod({ title, namespace, pod }: WorkloadSubject, facts: ClusterFacts): readonly Finding[] {
  const labels = objectAt(metadataOf(pod), 'labels')
  const annotations = objectAt(metadataOf(pod), 'annotations')
  const found: { readonly message: string; readonly expected: string }[] = []
  for (const name of Object.keys(labels)) {
    if (name === INJECTION_LABEL)
      found.push({
        message: `the label ${name}=${String(own(labels, name))} on the pod is not read: it is a label of namespaces`,
        expected: `${name} on the Namespace ${namespace}, or the label ${INJECT} on the pod`,
      })
    else if (ANNOTATIONS.has(name) && !POD_LABELS.has(name) && own(annotations, name) === undefined)
      found.push({
        message: `${name} is a label of the pod and is not read`,
        expected: `an annotation ${name}`,
      })
  }
  if (own(annotations, INJECTION_LABEL) !== undefined)
    found.push({
      message: `the annotation ${INJECTION_LABEL} on the pod is not read`,
      expected: `the label ${INJECTION_LABEL} on the Namespace ${namespace}`,
    })
  if (
    own(annotations, INJECT) === 'true' &&
    own(labels, INJECT) === undefined &&
    !isInjected(pod, namespace, facts)
  )
    found.push({
      message: `the annotation ${INJECT}=true requests nothing: no webhook reads annotations`,
      expected: `the label ${INJECT}=true`,
    })
  return found.map(({ message, expected }) =>
    makeFinding('setting-misplaced', { where: { object: title, path: 'metadata' }, message, expected }),
  )
}

/** Whether its labels already cause injection, so that the annotation is redundant. */
function isInjected(pod: JsonObject, namespace: string, { snapshot }: ClusterFacts): boolean {
  const labels = snapshot.namespaces.get(namespace)?.labels
  return (
    labels?.get(INJECTION_LABEL) === 'enabled' ||
    labels?.has(REVISION_LABEL) === true ||
    own(objectAt(metadataOf(pod), 'labels'), REVISION_LABEL) !== undefined ||
    snapshot.enableNamespacesByDefault
  )
}
