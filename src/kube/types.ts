/**
 * Narrow views of Kubernetes objects: the fields that Remora itself reads, as they are in JSON after the typed codec.
 * Unknown fields stay in the objects and are reachable as JSON. There are no checks here.
 */
import type { JsonObject } from '../json/index.ts'

export type ObjectMeta = JsonObject & {
  readonly name?: string
  readonly generateName?: string
  readonly namespace?: string
  readonly labels?: { readonly [key: string]: string }
  readonly annotations?: { readonly [key: string]: string }
}

export type EnvVar = JsonObject & {
  readonly name: string
  readonly value?: string
}

export type ContainerPort = JsonObject & {
  readonly name?: string
  readonly containerPort: number
  readonly protocol?: string
}

export type VolumeMount = JsonObject & {
  readonly name: string
  readonly mountPath: string
}

export type Container = JsonObject & {
  readonly name: string
  readonly image?: string
  readonly env?: readonly EnvVar[]
  readonly ports?: readonly ContainerPort[]
  readonly volumeMounts?: readonly VolumeMount[]
  readonly restartPolicy?: string
}

export type Volume = JsonObject & {
  readonly name: string
}

export type PodSpec = JsonObject & {
  readonly hostNetwork?: boolean
  readonly nodeName?: string
  readonly serviceAccountName?: string
  readonly volumes?: readonly Volume[]
  readonly initContainers?: readonly Container[]
  readonly containers?: readonly Container[] | null
}

export type Pod = JsonObject & {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata: ObjectMeta
  readonly spec: PodSpec
}
