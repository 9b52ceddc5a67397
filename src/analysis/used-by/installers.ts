/** Objects from which a controller or Remora would use or install the revision again. */
import { readWebhookConfigurations } from '../../istio/index.ts'
import type { JsonObject } from '../../json/index.ts'
import { metadataOf, objectAt, specOf, textAt } from '../../kube/index.ts'
import { nameOf } from './control-planes.ts'
import { type Dependant, type DependantKind, dependant, objectName } from './dependant.ts'
import type { UsedByFacts } from './facts.ts'
import type { UsedBySubject } from './subject.ts'

export const operators: DependantKind = {
  id: 'operators',
  one: 'object of an operator',
  many: 'objects of operators',
  effect: 'The operator would install it again.',
  fix: 'Delete the object or change it once nothing else depends on the revision; the operator then removes what it installed.',
  needs: ['istiooperator', 'sailistio', 'istiorevision', 'istiorevisiontag'],
  find: (subject, facts) => [
    ...istioOperators(subject, facts),
    ...sailIstios(subject, facts),
    ...sailRevisions(subject, facts),
    ...sailTags(subject, facts),
  ],
}

/** Istio 1.23 and older have an operator in the cluster. Objects `installed-state...` are istioctl's records, which it ignores. */
function istioOperators(subject: UsedBySubject, facts: UsedByFacts): readonly Dependant[] {
  if (subject.kind === 'tag') return []
  return facts
    .list('istiooperator')
    .filter((object) => !nameOf(object).name.startsWith('installed-state'))
    .filter((object) => (textAt(specOf(object), 'revision') || 'default') === subject.name)
    .map((object) => dependant(objectName('IstioOperator', nameOf(object)), 'spec.revision'))
}

function sailIstios(subject: UsedBySubject, facts: UsedByFacts): readonly Dependant[] {
  if (subject.kind === 'tag') return []
  return facts
    .list('sailistio')
    .filter((object) => activeRevision(object) === subject.name)
    .map((object) => dependant(objectName('Istio', { name: plainName(object) }), 'its active revision'))
}

/** The operator names a revision after the Istio, with updateStrategy RevisionBased also after the version. */
function activeRevision(istio: JsonObject): string {
  const active = textAt(objectAt(istio, 'status'), 'activeRevisionName')
  if (active !== '') return active
  const spec = specOf(istio)
  const isByVersion = textAt(objectAt(spec, 'updateStrategy'), 'type') === 'RevisionBased'
  return isByVersion
    ? `${plainName(istio)}-${textAt(spec, 'version').replaceAll('.', '-')}`
    : plainName(istio)
}

function sailRevisions(subject: UsedBySubject, facts: UsedByFacts): readonly Dependant[] {
  if (subject.kind === 'tag') return []
  return facts
    .list('istiorevision')
    .filter((object) => plainName(object) === subject.name)
    .map((object) => dependant(objectName('IstioRevision', { name: plainName(object) })))
}

function sailTags(subject: UsedBySubject, facts: UsedByFacts): readonly Dependant[] {
  return facts.list('istiorevisiontag').flatMap((object) => {
    const name = plainName(object)
    const target = objectAt(specOf(object), 'targetRef')
    const revision = textAt(objectAt(object, 'status'), 'istioRevision') || targetRevision(target, facts)
    const matches = subject.kind === 'tag' ? name === subject.name : revision === subject.name
    return matches
      ? [
          dependant(
            objectName('IstioRevisionTag', { name }),
            `points to ${textAt(target, 'kind')} ${textAt(target, 'name')}`,
          ),
        ]
      : []
  })
}

function targetRevision(target: JsonObject, facts: UsedByFacts): string | undefined {
  const name = textAt(target, 'name')
  if (textAt(target, 'kind') !== 'Istio') return name
  const istio = facts.list('sailistio').find((object) => plainName(object) === name)
  return istio && activeRevision(istio)
}

export const registrations: DependantKind = {
  id: 'registrations',
  one: 'registration of Remora',
  many: 'registrations of Remora',
  effect: 'Remora gets reviews that it cannot answer, so pods are refused.',
  fix: "Remove the revision or tag from `revisions` or `tags` of the chart's values, then `helm upgrade`.",
  needs: ['mutatingwebhookconfiguration'],
  find: (subject, { snapshot, list }) =>
    readWebhookConfigurations(list('mutatingwebhookconfiguration'))
      .filter(({ ofRemora, tag, revision }) => {
        if (!ofRemora) return false
        if (subject.kind === 'tag') return tag === subject.name
        return (tag === undefined ? revision : (snapshot.tags.get(tag) ?? revision)) === subject.name
      })
      .map(({ name, tag }) =>
        dependant(
          objectName('MutatingWebhookConfiguration', { name }),
          tag === undefined || subject.kind === 'tag' ? '' : `tag ${tag}`,
        ),
      ),
}

export const rollouts: DependantKind = {
  id: 'rollouts',
  one: 'RevisionRollout',
  many: 'RevisionRollouts',
  effect: 'Pods that they move to it, or back to it, are refused or stay on the other revision.',
  fix: 'Finish the rollout (`remora rollout status`), then `kubectl delete revisionrollout NAME`.',
  needs: ['revisionrollout'],
  find: (subject, { snapshot, list }) =>
    list('revisionrollout').flatMap((object) => {
      const [from, to] = [objectAt(specOf(object), 'from'), objectAt(specOf(object), 'to')]
      const tag = textAt(from, 'tag')
      const rows = [
        ['spec.to.revision', subject.kind === 'revision' && textAt(to, 'revision') === subject.name],
        ['spec.from.revision', subject.kind === 'revision' && textAt(from, 'revision') === subject.name],
        [
          `spec.from.tag ${tag}`,
          tag !== '' && (subject.kind === 'tag' ? tag : snapshot.tags.get(tag)) === subject.name,
        ],
      ] as const
      const found = rows.filter(([, holds]) => holds).map(([path]) => path)
      return found.length === 0
        ? []
        : [dependant(objectName('RevisionRollout', { name: plainName(object) }), found.join(', '))]
    }),
}

function plainName(object: JsonObject): string {
  return textAt(metadataOf(object), 'name')
}
