/**
 * Simulates scheduler, kubelet and kube-proxy in a loop over the cluster: starts new pods, ends deleted ones, probes
 * readiness and writes it into the pods' status, and gives Services their ready backends.
 */
import { join } from 'node:path'
import type { ClusterApi, KubeObject } from './cluster-api.ts'
import { type Pod, type PodRole, pathOf, roleOf } from './pod.ts'
import { type PodProcess, startPodProcess } from './pod-process.ts'
import { ServiceProxy } from './service-proxy.ts'

interface Service extends KubeObject {
  readonly spec: {
    readonly clusterIP?: string
    readonly selector?: Readonly<Record<string, string>>
    readonly ports: readonly { readonly port: number; readonly targetPort: string | number }[]
  }
}

interface Entry {
  readonly pod: Pod
  readonly role: PodRole
  process: PodProcess | undefined
  ready: boolean
  restarts: number
  ending: boolean
  /** The content of the pod's status. */
  reported: string
}

export interface NodeOptions {
  readonly api: ClusterApi
  readonly folder: string
  readonly logFolder: string
  readonly entryPoint: string
  readonly log: (line: string) => void
}

export class Node {
  readonly #options: NodeOptions
  readonly #entries = new Map<string, Entry>()
  readonly #proxies = new Map<string, ServiceProxy>()

  constructor(options: NodeOptions) {
    this.#options = options
  }

  async pass(): Promise<void> {
    const { api } = this.#options
    const [pods, services] = await Promise.all([
      api.list<Pod>('/api/v1/pods'),
      api.list<Service>('/api/v1/services'),
    ])
    const ours = services.filter(
      (service) => service.metadata.labels?.['app.kubernetes.io/name'] === 'remora',
    )
    this.#follow(pods)
    const live = [...this.#entries.values()]
    await Promise.all(live.filter(({ ending }) => !ending).map((entry) => this.#start(entry, ours)))
    await Promise.all(live.map((entry) => this.#probe(entry)))
    this.#serve(ours)
    await Promise.all(live.filter(({ ending }) => !ending).map((entry) => this.#report(entry)))
  }

  /** Ends every process at once. */
  async close(): Promise<void> {
    for (const proxy of this.#proxies.values()) proxy.close()
    const processes = [...this.#entries.values()].map(({ process }) => process?.process.stop('SIGKILL'))
    await Promise.all(processes)
  }

  #follow(pods: readonly Pod[]): void {
    const present = new Set<string>()
    for (const pod of pods) {
      const { uid } = pod.metadata
      present.add(uid)
      if (this.#entries.has(uid)) continue
      const entry = {
        pod,
        role: roleOf(pod),
        process: undefined,
        ready: false,
        restarts: 0,
        ending: false,
        reported: '',
      }
      this.#entries.set(uid, entry)
    }
    for (const [uid, entry] of this.#entries) {
      if (present.has(uid) || entry.ending) continue
      entry.ending = true
      const log = (what: string): void => this.#options.log(`${entry.pod.metadata.name}: ${what}`)
      if (entry.process !== undefined) log('ending')
      // It stays a backend of its Service until its probe fails.
      const ended = entry.process?.end() ?? Promise.resolve()
      ended.then(
        () => {
          this.#entries.delete(uid)
          if (entry.process !== undefined) log('ended')
        },
        (error: unknown) => log(String(error)),
      )
    }
  }

  async #start(entry: Entry, services: readonly Service[]): Promise<void> {
    const { pod, role, process } = entry
    const { name, namespace } = pod.metadata
    if (role === 'other' || (process !== undefined && !process.process.exited)) return
    if (role === 'test' && process !== undefined) return
    if (process !== undefined) {
      entry.restarts++
      this.#options.log(`${name}: ended by itself, started anew`)
    }
    const service = services.find((candidate) => candidate.metadata.namespace === namespace)
    // Cluster DNS names do not resolve on this machine.
    const env: Record<string, string> = { REMORA_TEST_API: this.#options.api.server }
    if (service?.spec.clusterIP !== undefined)
      env['REMORA_TEST_ADDRESS'] = `${service.spec.clusterIP}:${service.spec.ports[0]?.port ?? 443}`
    const { api, folder, logFolder, entryPoint } = this.#options
    const logFile = join(logFolder, `pod-${namespace}-${name}.log`)
    entry.process = await startPodProcess({
      ...{ api, pod, folder, logFile, entryPoint, log: this.#options.log },
      ...(role === 'test' ? { env } : {}),
    })
    this.#options.log(`${name}: started, process ${entry.process.process.pid}`)
  }

  async #probe(entry: Entry): Promise<void> {
    if (entry.role === 'server') entry.ready = entry.process !== undefined && (await entry.process.probe())
    else entry.ready = entry.role === 'other'
  }

  #serve(services: readonly Service[]): void {
    const present = new Set<string>()
    for (const { metadata, spec } of services) {
      for (const { port, targetPort } of spec.ports) {
        const key = `${metadata.uid}/${spec.clusterIP}:${port}`
        present.add(key)
        const backends = (): number[] => this.#backendsOf(metadata.namespace, spec.selector ?? {}, targetPort)
        const proxy =
          this.#proxies.get(key) ?? new ServiceProxy(spec.clusterIP ?? '', port, backends, this.#options.log)
        this.#proxies.set(key, proxy)
        proxy.update()
      }
    }
    for (const [key, proxy] of this.#proxies) {
      if (present.has(key)) continue
      proxy.close()
      this.#proxies.delete(key)
    }
  }

  #backendsOf(
    namespace: string,
    selector: Readonly<Record<string, string>>,
    targetPort: string | number,
  ): number[] {
    return [...this.#entries.values()]
      .filter(
        ({ pod, ready }) =>
          ready &&
          pod.metadata.namespace === namespace &&
          Object.entries(selector).every(([key, value]) => pod.metadata.labels?.[key] === value),
      )
      .map(({ process }) => process?.portOf(targetPort))
      .filter((port) => port !== undefined)
  }

  async #report(entry: Entry): Promise<void> {
    const { pod, role, process, ready, restarts } = entry
    let phase = 'Running'
    if (role === 'test' && process?.process.exited === true)
      phase = (await process.process.stop()) === 0 ? 'Succeeded' : 'Failed'
    const reported = `${phase} ${ready} ${restarts}`
    if (reported === entry.reported) return
    const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False' }]
    const containerStatuses = pod.spec.containers.map(({ name, image }) => ({
      ...{ name, image, imageID: '', ready, restartCount: restarts },
    }))
    try {
      await this.#options.api.send('PATCH', pathOf(pod, '/status'), {
        status: { phase, conditions, containerStatuses },
      })
      entry.reported = reported
    } catch (error) {
      // It may be deleted already; the next pass will see that.
      this.#options.log(`${pod.metadata.name}: ${String(error)}`)
    }
  }
}
