/**
 * Watches the control planes that rollouts move pods to: the Service of each and its EndpointSlices, only while a rollout
 * exists. A Service counts as unready if it had no ready endpoint when it was first read, or for a while since.
 */
import type { Problem, Snapshot } from '../../inject/index.ts'
import { type EndpointsOf, serviceOfRevision } from '../../revisions/index.ts'
import { type EndpointState, endpointState, type ServiceName, serviceKey } from '../../rollout/index.ts'
import { Reflector, type ReflectorOptions } from './reflector.ts'
import { ResourceStore } from './resource-store.ts'
import { endpointSlicesOf, serviceNamed } from './resources.ts'
import { STORE_LIMITS } from './store-limits.ts'

export interface RolloutTargetsOptions extends Pick<ReflectorOptions, 'api' | 'timing' | 'readOnce'> {
  /** The unready Services or the problems changed, or a target was read for the first time. */
  readonly onChange: () => void
}

export class RolloutTargets {
  readonly #options: RolloutTargetsOptions
  readonly #targets = new Map<string, Target>()
  readonly #ended: Promise<void>[] = []
  #stopped = false

  constructor(options: RolloutTargetsOptions) {
    this.#options = options
  }

  /** Follows the Services of the rollouts' targets, and no others. */
  follow({ rollouts = [], revisions }: Snapshot): void {
    if (this.#stopped) return
    const wanted = new Map<string, ServiceName>()
    for (const { rollout } of rollouts) {
      const service = serviceOfRevision(revisions.get(rollout.to))
      if (service !== undefined) wanted.set(serviceKey(service), service)
    }
    for (const [key, target] of this.#targets) {
      if (wanted.has(key)) continue
      target.stop()
      this.#targets.delete(key)
    }
    for (const [key, service] of wanted) {
      if (this.#targets.has(key)) continue
      const target = new Target(service, this.#options)
      this.#targets.set(key, target)
      this.#ended.push(target.run())
    }
  }

  /** Whether each target was read, or cannot be read now. */
  get settled(): boolean {
    return [...this.#targets.values()].every((target) => target.settled)
  }

  /** A Service that is not followed yet will be, once the snapshot with its rollout is built. */
  endpointsOf(service: string): ReturnType<EndpointsOf> {
    const target = this.#targets.get(service)
    if (target === undefined || !target.settled) return 'not-read'
    return target.unready ? 'unready' : 'serves'
  }

  get problems(): readonly Problem[] {
    return [...this.#targets].flatMap(([key, { problem }]) =>
      problem === undefined
        ? []
        : [
            {
              code: 'rollout-endpoints-unreadable',
              message: `Service ${key}: ${problem.message}; it is treated as ready`,
              where: `Service ${key}`,
            },
          ],
    )
  }

  stop(): void {
    this.#stopped = true
    for (const target of this.#targets.values()) target.stop()
  }

  /** Once it is stopped. */
  async ended(): Promise<void> {
    await Promise.all(this.#ended)
  }
}

class Target {
  readonly #services: ResourceStore
  readonly #slices: ResourceStore
  readonly #reflectors: readonly Reflector[]
  readonly #options: RolloutTargetsOptions
  readonly #stop = new AbortController()
  #state: EndpointState | 'not-read' = 'not-read'
  #unready = false
  #timer: NodeJS.Timeout | undefined

  constructor(service: ServiceName, options: RolloutTargetsOptions) {
    this.#options = options
    const changed = (): void => this.#evaluate()
    this.#services = new ResourceStore(changed, STORE_LIMITS.services)
    this.#slices = new ResourceStore(changed, STORE_LIMITS.services)
    const { api, timing, readOnce } = options
    const onStatus = (): void => {
      this.#evaluate()
      options.onChange()
    }
    this.#reflectors = [
      new Reflector({
        resource: serviceNamed(service),
        store: this.#services,
        api,
        timing,
        readOnce,
        onStatus,
      }),
      new Reflector({
        resource: endpointSlicesOf(service),
        store: this.#slices,
        api,
        timing,
        readOnce,
        onStatus,
      }),
    ]
  }

  get settled(): boolean {
    return this.#reflectors.every(({ synced, problem }) => synced || problem !== undefined)
  }

  get unready(): boolean {
    return this.#unready
  }

  get problem(): Problem | undefined {
    return this.#reflectors.find(({ problem }) => problem !== undefined)?.problem
  }

  async run(): Promise<void> {
    await Promise.all(this.#reflectors.map((reflector) => reflector.run(this.#stop.signal)))
  }

  stop(): void {
    this.#stop.abort()
    clearTimeout(this.#timer)
  }

  #evaluate(): void {
    if (this.#stop.signal.aborted || !this.#reflectors.every(({ synced }) => synced)) return
    const [service] = [...this.#services.objects()]
    const state = endpointState(
      service?.object,
      [...this.#slices.objects()].map(({ object }) => object),
    )
    const before = this.#state
    this.#state = state
    if (state === before) return
    clearTimeout(this.#timer)
    if (state !== 'none') this.#set(false)
    // For how long there have been none is not known, and the revision without the rollout is safe.
    else if (before === 'not-read') this.#set(true)
    else this.#timer = setTimeout(() => this.#set(true), this.#options.timing.unreadyMs).unref()
  }

  #set(unready: boolean): void {
    if (unready === this.#unready) return
    this.#unready = unready
    this.#options.onChange()
  }
}
