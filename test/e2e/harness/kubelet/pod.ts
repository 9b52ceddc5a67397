/** The part of a pod that the simulated kubelet reads, and which pods run as processes. */
import type { KubeObject } from './cluster-api.ts'
import type { LivenessProbe } from './liveness.ts'

export interface Pod extends KubeObject {
  readonly spec: {
    readonly serviceAccountName?: string
    readonly terminationGracePeriodSeconds?: number
    readonly containers: readonly [Container, ...Container[]]
    readonly volumes?: readonly Volume[]
  }
  readonly status?: { readonly phase?: string }
}

export interface Container {
  readonly name: string
  readonly image: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: readonly { readonly name: string; readonly value?: string }[]
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[]
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[]
  readonly readinessProbe?: { readonly httpGet?: { readonly path: string; readonly port: number | string } }
  readonly livenessProbe?: Partial<LivenessProbe>
  readonly lifecycle?: { readonly preStop?: { readonly sleep?: { readonly seconds: number } } }
}

export interface Volume {
  readonly name: string
  readonly configMap?: { readonly name: string }
  readonly secret?: { readonly secretName: string }
  readonly emptyDir?: object
}

/**
 * Remora's own pods become processes: `server` while the pod exists, `test` once. All others are only reported as
 * running.
 */
export type PodRole = 'server' | 'test' | 'other'

export function roleOf(pod: Pod): PodRole {
  switch (pod.metadata.labels?.['app.kubernetes.io/name']) {
    case 'remora':
      return 'server'
    case 'remora-test':
      return 'test'
    default:
      return 'other'
  }
}

export function pathOf(pod: KubeObject, subresource = ''): string {
  return `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}${subresource}`
}
