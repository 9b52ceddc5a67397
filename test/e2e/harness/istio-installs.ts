/**
 * What the installs of Istio leave in a cluster: the revisions `default` and `canary` and the tag `prod` that points at
 * canary. From the recorded renderings of Istio's own charts where they are at hand, else Remora's own profile.
 * Nobody runs istiod here, so its validating webhooks are left out, and its injectors are applied with selectors that
 * match nothing, as `istioctl tag set default` leaves those that it replaces: names and labels stay, since revisions
 * and tags are found by them.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Kubectl } from './kubectl.ts'
import { projectFolder } from './production-build.ts'

export interface ClusterObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
  }
}

interface WebhookConfiguration extends ClusterObject {
  readonly webhooks: readonly object[]
}

const recorded = join(projectFolder, '../shared/corpus/installs/1.30.3')
const NEVER = { matchLabels: { 'istio.io/deactivated': 'never-match' } }

export type IstioSource = 'the charts of Istio' | 'the profile of Remora'

/** Both revisions and the tag, in istio-system, and where they are from. */
export function installIstio(kubectl: Kubectl, helm: Kubectl): IstioSource {
  kubectl.run('create', 'namespace', 'istio-system')
  if (process.env['REMORA_E2E_OWN_PROFILE'] !== undefined || !existsSync(recorded)) {
    kubectl.runWith(ownProfile(helm), 'apply', '-f', '-')
    kubectl.apply(tag('prod', 'canary'))
    return 'the profile of Remora'
  }
  const objects = ['default.json', 'canary-tag-prod.json'].flatMap((file) => {
    // A List, as the README beside the recordings says.
    const { items } = JSON.parse(readFileSync(join(recorded, file), 'utf8')) as { items: ClusterObject[] }
    return items
  })
  kubectl.apply(...objects.filter(({ kind }) => kind !== 'ValidatingWebhookConfiguration').map(idle))
  return 'the charts of Istio'
}

/** Istio's two webhooks of a revision tag, which never match. */
export function tag(name: string, revision: string): WebhookConfiguration {
  const webhooks = ['rev.namespace', 'rev.object'].map((prefix) => ({
    name: `${prefix}.sidecar-injector.istio.io`,
    clientConfig: {
      service: { name: `istiod-${revision}`, namespace: 'istio-system', path: '/inject', port: 443 },
    },
    rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    failurePolicy: 'Fail',
    namespaceSelector: NEVER,
    objectSelector: NEVER,
  }))
  const labels = { 'istio.io/rev': revision, 'istio.io/tag': name }
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: `istio-revision-tag-${name}`, labels },
    webhooks,
  }
}

function idle(object: ClusterObject): ClusterObject {
  if (object.kind !== 'MutatingWebhookConfiguration') return object
  // The kind says that it has webhooks.
  const { webhooks } = object as WebhookConfiguration
  const deactivated = webhooks.map((webhook) => ({
    ...webhook,
    namespaceSelector: NEVER,
    objectSelector: NEVER,
  }))
  return { ...object, webhooks: deactivated } as WebhookConfiguration
}

/** The ConfigMaps that the chart makes of its profile, as for a cluster whose istiod came without. */
function ownProfile(helm: Kubectl): string {
  return helm.run(
    ...['template', 'profile', join(projectFolder, 'charts/remora'), '-s', 'templates/profile.yaml'],
    ...['--set-json', 'profile.install=[{"revision":"default"},{"revision":"canary"}]'],
  )
}
