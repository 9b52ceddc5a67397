/** Workloads of the scenarios, and facts about their pods, such as the control plane of a sidecar. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kubectl } from './kubectl.ts'
import { waitFor } from './process.ts'

export interface PodSummary {
  readonly metadata: {
    readonly name: string
    readonly uid: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly deletionTimestamp?: string
  }
  readonly spec: {
    readonly containers: readonly ContainerSummary[]
    readonly initContainers?: readonly ContainerSummary[]
  }
}

interface ContainerSummary {
  readonly name: string
  readonly image: string
  readonly env?: readonly { readonly name: string; readonly value?: string }[]
}

const CONTAINER = { name: 'app', image: 'registry.example.com/app:1', ports: [{ containerPort: 8080 }] }

export interface Labels {
  readonly [name: string]: string
}

export function deployment(
  namespace: string,
  name: string,
  replicas: number,
  podLabels: Labels = {},
): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name, ...podLabels } }, spec: { containers: [CONTAINER] } },
    },
  }
}

export function barePod(
  namespace: string,
  name: string,
  labels: Labels = {},
  annotations: Labels = {},
): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { app: name, ...labels }, annotations },
    spec: { containers: [CONTAINER] },
  }
}

/** A gateway as the charts of Istio deploy it: injected by template `gateway`, its one container is istio-proxy. */
export function gatewayPod(namespace: string, name: string, labels: Labels = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      labels: { app: name, istio: 'ingressgateway', 'sidecar.istio.io/inject': 'true', ...labels },
      annotations: { 'inject.istio.io/templates': 'gateway' },
    },
    spec: { containers: [{ name: 'istio-proxy', image: 'auto' }] },
  }
}

/** Where the sidecar of a pod finds its control plane, or `no sidecar`. */
export function controlPlaneOf(pod: PodSummary): string {
  const proxy = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find(
    ({ name }) => name === 'istio-proxy',
  )
  if (proxy === undefined) return 'no sidecar'
  const value = (name: string): string => proxy.env?.find((entry) => entry.name === name)?.value ?? ''
  const inConfig = /"discoveryAddress":"([^"]*)"/.exec(value('PROXY_CONFIG'))?.[1]
  // PROXY_CONFIG contains only values that differ from the default; the CA is at the same control plane.
  return inConfig ?? value('CA_ADDR')
}

export function podsOf(kubectl: Kubectl, namespace: string, selector?: string): readonly PodSummary[] {
  const { items } = kubectl.get<{ items: readonly PodSummary[] }>(
    ...['pods', '-n', namespace, ...(selector === undefined ? [] : ['-l', selector])],
  )
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
}

/** The control planes of a selection of pods, each once. */
export function controlPlanesOf(kubectl: Kubectl, namespace: string, selector?: string): readonly string[] {
  return [...new Set(podsOf(kubectl, namespace, selector).map(controlPlaneOf))].toSorted()
}

/** `kubectl rollout restart` of one Deployment or all, and until the new pods are the only ones. */
export async function restart(kubectl: Kubectl, namespace: string, name?: string): Promise<void> {
  const what = name === undefined ? 'deployment' : `deployment/${name}`
  await untilRestarted(kubectl, namespace, name, () => {
    kubectl.run('rollout', 'restart', what, '-n', namespace)
  })
}

/** Does what restarts a Deployment or all, and waits until the new pods are the only ones. */
export async function untilRestarted(
  kubectl: Kubectl,
  namespace: string,
  name: string | undefined,
  begin: () => void,
): Promise<void> {
  const selector = name === undefined ? 'pod-template-hash' : `pod-template-hash,app=${name}`
  const what = name === undefined ? 'deployment' : `deployment/${name}`
  const before = new Set(podsOf(kubectl, namespace, selector).map(({ metadata }) => metadata.uid))
  // Twice within a second is refused, because the annotation that it changes would stay the same.
  await sleep(1_000)
  begin()
  kubectl.run('rollout', 'status', what, '-n', namespace, '--timeout=60s')
  await waitFor(`the old pods of ${namespace} to be gone`, () =>
    podsOf(kubectl, namespace, selector).some(({ metadata }) => before.has(metadata.uid)) ? undefined : true,
  )
}
