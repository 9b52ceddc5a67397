/** The commands that remove a revision or tag on which nothing depends, in the order in which they are safe. */
import { readWebhookConfigurations } from '../../istio/index.ts'
import type { JsonObject } from '../../json/index.ts'
import { annotationOf, labelOf, metadataOf, textAt } from '../../kube/index.ts'
import { shellWord } from '../preview/restarts.ts'
import { nameOf, serviceNameOf } from './control-planes.ts'
import type { UsedByFacts } from './facts.ts'
import { homesOf } from './services.ts'
import type { UsedBySubject } from './subject.ts'
import { isOwnValidator } from './webhooks.ts'

/** Webhooks go first, because the API server would still call them while their istiod is gone. */
export function removalCommands(subject: UsedBySubject, facts: UsedByFacts): readonly string[] {
  return subject.kind === 'tag' ? removeTag(subject.name, facts) : removeRevision(subject.name, facts)
}

function removeRevision(revision: string, facts: UsedByFacts): readonly string[] {
  const deployments = facts.controlPlanes.deploymentsOf(revision)
  const validators = facts
    .list('validatingwebhookconfiguration')
    .filter((object) => isOwnValidator(object, revision))
    .map((object) => deleteCommand('validatingwebhookconfiguration', object))
  const injectors = facts
    .list('mutatingwebhookconfiguration')
    .filter((object) =>
      readWebhookConfigurations([object]).some(
        (one) => one.revision === revision && one.tag === undefined && !one.ofRemora,
      ),
    )
    .map((object) => deleteCommand('mutatingwebhookconfiguration', object))
  const rest =
    deployments.length === 0 ? leftovers(revision, facts) : deployments.map((one) => uninstall(revision, one))
  return [...new Set([...validators, ...injectors, ...rest])]
}

function uninstall(revision: string, deployment: JsonObject): string {
  const release = helmRelease(deployment)
  if (release !== undefined) return `helm uninstall ${release}`
  const { namespace } = nameOf(deployment)
  const elsewhere = namespace === 'istio-system' ? '' : ` --istioNamespace ${shellWord(namespace)}`
  return `istioctl uninstall --revision ${shellWord(revision)}${elsewhere}`
}

/** `istiod-1-29-2 -n istio-system`; undefined: Helm did not install it. */
function helmRelease(object: JsonObject): string | undefined {
  const name = annotationOf(object, 'meta.helm.sh/release-name')
  if (!name) return undefined
  const namespace = annotationOf(object, 'meta.helm.sh/release-namespace') || nameOf(object).namespace
  return `${shellWord(name)} -n ${shellWord(namespace)}`
}

/** What may be left of an installation without istiod. */
function leftovers(revision: string, { controlPlanes, snapshot }: UsedByFacts): readonly string[] {
  const homes = homesOf(revision, { controlPlanes, snapshot })
  const services = [...controlPlanes.services]
    .filter((service) => {
      const { namespace, name } = nameOf(service)
      return name === serviceNameOf(revision) && homes.has(namespace)
    })
    .map((service) => deleteCommand('service', service))
  const known = snapshot.revisions.get(revision)
  if (known?.newest === undefined) return services
  const { injectorConfigMap, meshConfigMap } = known.newest
  const names = [injectorConfigMap, meshConfigMap].map(({ name }) => shellWord(name)).join(' ')
  return [
    ...services,
    `kubectl delete configmap ${names} -n ${shellWord(known.namespace)} --ignore-not-found`,
  ]
}

function removeTag(tag: string, facts: UsedByFacts): readonly string[] {
  const hasTag = (object: JsonObject) => labelOf(object, 'istio.io/tag') === tag
  const validators = facts.list('validatingwebhookconfiguration').filter(hasTag)
  const injectors = facts.list('mutatingwebhookconfiguration').filter(hasTag)
  const services = facts.list('service').filter(hasTag)
  const releases = [...validators, ...injectors, ...services].flatMap((object) => helmRelease(object) ?? [])
  const [release] = releases
  if (release !== undefined)
    return [`# remove ${tag} from revisionTags in the values of this release, then: helm upgrade ${release}`]
  return [
    ...validators.map((object) => deleteCommand('validatingwebhookconfiguration', object)),
    ...(injectors.length === 0 ? [] : [`istioctl tag remove ${shellWord(tag)}`]),
    ...services.map((object) => deleteCommand('service', object)),
  ]
}

function deleteCommand(kind: string, object: JsonObject): string {
  const namespace = textAt(metadataOf(object), 'namespace')
  const where = namespace === '' ? '' : ` -n ${shellWord(namespace)}`
  return `kubectl delete ${kind} ${shellWord(textAt(metadataOf(object), 'name'))}${where}`
}
