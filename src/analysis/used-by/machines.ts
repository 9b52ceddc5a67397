/** Machines outside of Kubernetes: WorkloadGroups and WorkloadEntries that show which control plane they use. */
import type { JsonObject } from '../../json/index.ts'
import {
  annotationOf,
  labelOf,
  metadataOf,
  objectAt,
  REVISION_LABEL,
  specOf,
  textAt,
} from '../../kube/index.ts'
import { nameOf, serviceNameOf } from './control-planes.ts'
import { type DependantKind, dependant, objectName } from './dependant.ts'
import type { UsedByFacts } from './facts.ts'
import { reach, type UsedBySubject } from './subject.ts'

const EFFECT = 'Their machines lose their control plane, and nothing registers new ones.'
const FIX =
  'Configure the machines for another revision (`istioctl x workload entry configure --revision OTHER`).'

export const workloadGroups: DependantKind = {
  id: 'workload-groups',
  one: 'WorkloadGroup',
  many: 'WorkloadGroups',
  effect: EFFECT,
  fix: FIX,
  needs: ['workloadgroup'],
  find: (subject, facts) =>
    facts.list('workloadgroup').flatMap((object) => mentions('WorkloadGroup', object, subject, facts)),
}

export const workloadEntries: DependantKind = {
  id: 'workload-entries',
  one: 'WorkloadEntry',
  many: 'WorkloadEntries',
  effect: EFFECT,
  fix: FIX,
  needs: ['workloadentry'],
  find: (subject, facts) =>
    facts.list('workloadentry').flatMap((object) => {
      const found = mentions('WorkloadEntry', object, subject, facts)
      if (found.length > 0 || subject.kind === 'tag') return found
      const istiod = connectedTo(object)
      return istiod !== undefined && isPodOf(istiod, subject.name)
        ? [dependant(objectName('WorkloadEntry', nameOf(object)), `connected to pod ${istiod}`)]
        : []
    }),
}

/** Entries from which nobody can see which control plane their machine asks. */
export function entriesWithoutRevision(facts: UsedByFacts): number {
  return facts
    .list('workloadentry')
    .filter((object) => namesIn(object).length === 0 && connectedTo(object) === undefined).length
}

function mentions(kind: string, object: JsonObject, subject: UsedBySubject, { snapshot }: UsedByFacts) {
  const name = namesIn(object).find((one) => reach(subject, one, snapshot) !== undefined)
  return name === undefined ? [] : [dependant(objectName(kind, nameOf(object)), `${REVISION_LABEL}=${name}`)]
}

/** Revisions in the labels and annotations of the object and of what it registers. */
function namesIn(object: JsonObject): readonly string[] {
  const spec = specOf(object)
  const places = [object, spec, { metadata: spec }, { metadata: objectAt(spec, 'template') }]
  return places
    .flatMap((place) => [labelOf(place, REVISION_LABEL), annotationOf(place, REVISION_LABEL)])
    .filter((name) => name !== undefined && name !== '') as readonly string[] // filtered
}

/** The pod of istiod that holds the connection of an auto-registered machine. */
function connectedTo(object: JsonObject): string | undefined {
  const annotations = objectAt(metadataOf(object), 'annotations')
  if (textAt(annotations, 'istio.io/connectedAt') === '') return undefined
  return textAt(annotations, 'istio.io/workloadController') || undefined
}

/** `istiod-canary-6d5f9c7b8d-x2x4z` of canary. */
function isPodOf(pod: string, revision: string): boolean {
  const base = `${serviceNameOf(revision)}-`
  return pod.startsWith(base) && /^[a-z0-9]{5,10}-[a-z0-9]{5}$/.test(pod.slice(base.length))
}
