/**
 * The objects that installs of Istio create: the revisions `default` and `canary` and the tag `prod`, which points at
 * canary. They come from the recorded renderings of Istio's own charts if those exist, otherwise from Remora's own
 * profile. No istiod runs here, so its validating webhooks are left out, and its injectors are applied with selectors
 * that match nothing, as `istioctl tag set default` leaves them. Names and labels stay, because revisions and tags
 * are discovered through them.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findCorpus } from '../../shared-corpus.ts'
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

const recorded = findCorpus('installs/1.30.3')
const NEVER = { matchLabels: { 'istio.io/deactivated': 'never-match' } }

export interface IstioOptions {
  /** Applies Istio's injectors with their real selectors: pods that they match cannot be created. */
  readonly activeIstiod?: boolean
}

export type IstioSource = 'the charts of Istio' | 'the profile of Remora'

/** Both revisions and the tag, in istio-system, and their source. */
export function installIstio(
  kubectl: Kubectl,
  helm: Kubectl,
  { activeIstiod = false }: IstioOptions = {},
): IstioSource {
  kubectl.run('create', 'namespace', 'istio-system')
  if (recorded === undefined) {
    kubectl.runWith(ownProfile(helm), 'apply', '-f', '-')
    kubectl.apply(...ownConfigurations().map((object) => (activeIstiod ? object : idle(object))))
    return 'the profile of Remora'
  }
  const objects = ['default.json', 'canary-tag-prod.json'].flatMap((file) => {
    // A List, as the README of the recordings says.
    const { items } = JSON.parse(readFileSync(join(recorded, file), 'utf8')) as { items: ClusterObject[] }
    return items
  })
  const injecting = objects.filter(({ kind }) => kind !== 'ValidatingWebhookConfiguration')
  kubectl.apply(...injecting.map((object) => (activeIstiod ? object : idle(object))))
  return 'the charts of Istio'
}

/** The configurations of Istio's charts, as far as the scenarios need their selectors. */
function ownConfigurations(): readonly WebhookConfiguration[] {
  const legacy = { matchExpressions: [{ key: 'istio-injection', operator: 'In', values: ['enabled'] }] }
  const named = (name: string): object => ({
    matchExpressions: [
      { key: 'istio.io/rev', operator: 'In', values: [name] },
      { key: 'istio-injection', operator: 'DoesNotExist' },
    ],
  })
  return [
    configuration('istio-sidecar-injector', { 'istio.io/rev': 'default' }, [
      webhook('rev.namespace', 'istiod', named('default')),
      webhook('namespace', 'istiod', legacy),
    ]),
    configuration('istio-sidecar-injector-canary', { 'istio.io/rev': 'canary' }, [
      webhook('rev.namespace', 'istiod-canary', named('canary')),
    ]),
    configuration('istio-revision-tag-prod', { 'istio.io/rev': 'canary', 'istio.io/tag': 'prod' }, [
      webhook('rev.namespace', 'istiod-canary', named('prod')),
    ]),
  ]
}

function configuration(
  name: string,
  labels: Readonly<Record<string, string>>,
  webhooks: readonly object[],
): WebhookConfiguration {
  const apiVersion = 'admissionregistration.k8s.io/v1'
  return { apiVersion, kind: 'MutatingWebhookConfiguration', metadata: { name, labels }, webhooks }
}

function webhook(prefix: string, service: string, namespaceSelector: object): object {
  return {
    name: `${prefix}.sidecar-injector.istio.io`,
    clientConfig: { service: { name: service, namespace: 'istio-system', path: '/inject', port: 443 } },
    rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    failurePolicy: 'Fail',
    namespaceSelector,
    objectSelector: {
      matchExpressions: [{ key: 'sidecar.istio.io/inject', operator: 'NotIn', values: ['false'] }],
    },
  }
}

function idle(object: ClusterObject): ClusterObject {
  if (object.kind !== 'MutatingWebhookConfiguration') return object
  // This kind has webhooks.
  const { webhooks } = object as WebhookConfiguration
  const deactivated = webhooks.map((webhook) => ({
    ...webhook,
    namespaceSelector: NEVER,
    objectSelector: NEVER,
  }))
  return { ...object, webhooks: deactivated } as WebhookConfiguration
}

/** The ConfigMaps that the chart creates from its profile, for an istiod without its own. */
function ownProfile(helm: Kubectl): string {
  return helm.run(
    ...['template', 'profile', join(projectFolder, 'charts/remora'), '-s', 'templates/profile.yaml'],
    ...['--set-json', 'profile.install=[{"revision":"default"},{"revision":"canary"}]'],
  )
}
