/** Whether something answers where each injection webhook calls: the port of its Service, replicas, ready endpoints. */
import { isObject, type JsonObject, own } from '../../../json/index.ts'
import { labelsOf, listAt, metadataOf, objectAt, specOf, textAt } from '../../../kube/index.ts'
import { findWebhookCalls } from '../../explain/webhook-calls.ts'
import type { ClusterFacts } from '../cluster-facts.ts'
import { type Finding, makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import { findService } from '../service/find-service.ts'
import { isActive, noLabels } from './active-webhooks.ts'

/** The API server's default where a webhook names no port. */
const DEFAULT_PORT = 443

interface Called {
  readonly namespace: string
  readonly name: string
  readonly port: number
  readonly revision: string
  readonly failurePolicy: string
}

export const webhookPorts: Rule<'webhook'> = {
  subject: 'webhook',
  codes: ['webhook-port-missing', 'webhook-failure-ignored'],
  needs: [],
  find: ({ object, title }, facts) => [
    ...calledServices(object).flatMap((called) => wrongPort(called, title, facts)),
    ...ignoredFailures(object, title),
  ],
}

/** Of the Deployments and of the endpoints that the Service has at present. */
export const webhookReplicas: Rule<'webhook'> = {
  subject: 'webhook',
  codes: ['webhook-without-endpoints'],
  needs: ['service', 'deployment'],
  find: ({ object, title }, facts) =>
    unique(calledServices(object)).flatMap((called) =>
      selectedDeployments(called, facts)
        .filter(({ replicas }) => replicas === 0)
        .slice(0, 1)
        .map(({ name }) => silent(called, title, `Deployment ${called.namespace}/${name} has 0 replicas`)),
    ),
}

export const webhookEndpoints: Rule<'webhook'> = {
  subject: 'webhook',
  codes: ['webhook-without-endpoints'],
  needs: ['service', 'endpointslice'],
  find: ({ object, title }, facts) =>
    unique(calledServices(object)).flatMap((called) => {
      // The Deployment says why.
      if (selectedDeployments(called, facts).some(({ replicas }) => replicas === 0)) return []
      return findService(facts.objects('service') ?? [], called) === undefined || hasEndpoint(called, facts)
        ? []
        : [silent(called, title, `Service ${called.namespace}/${called.name} has no ready endpoint`)]
    }),
}

function calledServices(configuration: JsonObject): readonly Called[] {
  const webhooks = new Map(
    listAt(configuration, 'webhooks')
      .filter(isObject)
      .map((webhook) => [textAt(webhook, 'name'), objectAt(objectAt(webhook, 'clientConfig'), 'service')]),
  )
  return findWebhookCalls([configuration], noLabels)
    .filter(isActive)
    .flatMap(({ webhook, revision, failurePolicy }) => {
      const service = webhooks.get(webhook) ?? {}
      const [name, namespace] = [textAt(service, 'name'), textAt(service, 'namespace')]
      const port = own(service, 'port')
      if (name === '') return []
      return [
        { name, namespace, revision, failurePolicy, port: typeof port === 'number' ? port : DEFAULT_PORT },
      ]
    })
}

function wrongPort({ port, ...called }: Called, title: string, facts: ClusterFacts): readonly Finding[] {
  const found = findService(facts.objects('service') ?? [], called)
  if (found === undefined || found.ports.length === 0 || found.ports.includes(port)) return []
  return [
    makeFinding('webhook-port-missing', {
      revision: called.revision,
      where: { object: title },
      message: `it calls port ${port} (failurePolicy ${called.failurePolicy}), but Service ${called.namespace}/${called.name} has no port ${port}, only ${found.ports.join(', ')}`,
      expected: `a port ${port} of the Service`,
      group: `${called.namespace}/${called.name}:${port}`,
    }),
  ]
}

function ignoredFailures(configuration: JsonObject, title: string): readonly Finding[] {
  const ignoring = findWebhookCalls([configuration], noLabels)
    .filter(isActive)
    .filter(({ failurePolicy }) => failurePolicy === 'Ignore')
  const [first] = ignoring
  if (first === undefined) return []
  const names = ignoring.map(({ webhook }) => webhook.split('.sidecar-injector')[0])
  return [
    makeFinding('webhook-failure-ignored', {
      revision: first.revision,
      where: { object: title },
      message: `failurePolicy is Ignore for ${names.join(', ')}`,
      expected: 'failurePolicy Fail',
    }),
  ]
}

function silent({ revision, failurePolicy }: Called, title: string, why: string): Finding {
  const effect = failurePolicy === 'Fail' ? 'its pods cannot be created' : 'its pods start without a sidecar'
  return makeFinding('webhook-without-endpoints', {
    revision,
    where: { object: title },
    message: `${why}: with failurePolicy ${failurePolicy} ${effect}`,
    expected: 'a ready endpoint of its Service',
  })
}

function unique(called: readonly Called[]): readonly Called[] {
  return [...new Map(called.map((one) => [`${one.namespace}/${one.name}`, one])).values()]
}

/** Those whose pods the Service selects, with the replicas that they want. */
function selectedDeployments({ namespace, name }: Called, facts: ClusterFacts) {
  const service = (facts.objects('service') ?? []).find(
    (object) =>
      textAt(metadataOf(object), 'name') === name && textAt(metadataOf(object), 'namespace') === namespace,
  )
  const selector = Object.entries(objectAt(specOf(service ?? {}), 'selector'))
  if (selector.length === 0) return []
  return (facts.objects('deployment') ?? []).flatMap((object) => {
    const labels = labelsOf(objectAt(metadataOf(objectAt(specOf(object), 'template')), 'labels'))
    const selected = selector.every(([key, value]) => labels.get(key) === value)
    if (!selected || textAt(metadataOf(object), 'namespace') !== namespace) return []
    return [{ name: textAt(metadataOf(object), 'name'), replicas: own(specOf(object), 'replicas') }]
  })
}

function hasEndpoint({ namespace, name }: Called, facts: ClusterFacts): boolean {
  const slices = (facts.objects('endpointslice') ?? []).filter(
    (slice) =>
      (textAt(metadataOf(slice), 'namespace') || 'default') === namespace &&
      labelsOf(objectAt(metadataOf(slice), 'labels')).get('kubernetes.io/service-name') === name,
  )
  // An absent condition counts as ready.
  return slices.some((slice) =>
    listAt(slice, 'endpoints')
      .filter(isObject)
      .some((endpoint) => own(objectAt(endpoint, 'conditions'), 'ready') !== false),
  )
}
