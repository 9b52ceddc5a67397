/** Services, tags and the role of the default revision. */
import { readWebhookConfigurations } from '../../istio/index.ts'
import { labelOf, metadataOf, textAt } from '../../kube/index.ts'
import { nameOf, serviceNameOf } from './control-planes.ts'
import { type DependantKind, dependant, objectName } from './dependant.ts'
import type { UsedByFacts } from './facts.ts'
import { reach } from './subject.ts'

export const services: DependantKind = {
  id: 'services',
  one: 'Service',
  many: 'Services',
  effect:
    'They lead to no control plane any more; whoever asks them, also from outside of the cluster, gets no response.',
  fix: 'Let their selector or externalName lead to another revision, or delete them.',
  needs: ['service', 'deployment'],
  find: (subject, { controlPlanes, snapshot }) => {
    if (subject.kind === 'tag') return []
    const homes = homesOf(subject.name, { controlPlanes, snapshot })
    return [...controlPlanes.services].flatMap((object) => {
      const service = nameOf(object)
      const tag = labelOf(object, 'istio.io/tag')
      const isItsOwn = service.name === serviceNameOf(subject.name) && homes.has(service.namespace)
      // The Service of a tag is listed with the tags.
      if (isItsOwn || (tag && snapshot.tags.get(tag) === subject.name)) return []
      const revisions = controlPlanes.ofService(service)
      if (revisions.size !== 1 || !revisions.has(subject.name)) return []
      return [dependant(objectName('Service', service), `leads to ${serviceNameOf(subject.name)}`)]
    })
  },
}

/** Where the revision is installed; of one that is not, where its Services are. */
export function homesOf(
  revision: string,
  { controlPlanes, snapshot }: Pick<UsedByFacts, 'controlPlanes' | 'snapshot'>,
): ReadonlySet<string> {
  const known = snapshot.revisions.get(revision)?.namespace
  const homes = controlPlanes.deploymentsOf(revision).map((object) => nameOf(object).namespace)
  if (known !== undefined) homes.push(known)
  if (homes.length > 0) return new Set(homes)
  return new Set([...controlPlanes.services].map((service) => nameOf(service).namespace))
}

export const tags: DependantKind = {
  id: 'tags',
  one: 'tag',
  many: 'tags',
  effect: 'Pods of namespaces and workloads with the tag are refused, or start without a sidecar.',
  fix: '`istioctl tag set TAG --revision OTHER --overwrite`, or `istioctl tag remove TAG`; if a Service defines the tag, also change or delete that Service.',
  needs: ['mutatingwebhookconfiguration', 'service'],
  find: (subject, facts) =>
    subject.kind === 'tag'
      ? []
      : subject.tags
          .filter((tag) => tag !== 'default')
          .map((tag) => dependant(objectName('tag', { name: tag }), definedBy(tag, facts))),
}

export const defaultRevision: DependantKind = {
  id: 'default',
  one: 'role as the default',
  many: 'roles as the default',
  effect: 'Labels such as istio-injection=enabled, and gateways without a revision, get no control plane.',
  fix: '`istioctl tag set default --revision OTHER --overwrite`.',
  needs: ['mutatingwebhookconfiguration', 'service', 'namespace'],
  find: (subject, facts) => {
    const { snapshot } = facts
    const found = []
    if (subject.kind === 'revision' && subject.tags.includes('default'))
      found.push(dependant(objectName('tag', { name: 'default' }), definedBy('default', facts)))
    if (snapshot.enableNamespacesByDefault && reach(subject, 'default', snapshot) !== undefined)
      found.push(dependant('every namespace without injection labels', 'enableNamespacesByDefault'))
    return found
  },
}

function definedBy(tag: string, facts: UsedByFacts): string {
  const configurations = readWebhookConfigurations(facts.list('mutatingwebhookconfiguration'))
    .filter((one) => one.tag === tag)
    .map(({ name }) => `mutatingwebhookconfiguration/${name}`)
  const found = facts
    .list('service')
    .filter((service) => labelOf(service, 'istio.io/tag') === tag)
    .map((service) =>
      objectName('Service', {
        name: textAt(metadataOf(service), 'name'),
        namespace: nameOf(service).namespace,
      }),
    )
  const all = [...configurations, ...found]
  return all.length === 0 ? '' : `defined by ${all.join(', ')}`
}
