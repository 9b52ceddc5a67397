/**
 * The kubelet's liveness probe: runs every period, and ends the container after a number of consecutive failures. It
 * only counts; the caller probes and restarts.
 */
import { setTimeout as sleep } from 'node:timers/promises'

/** As in the pod's spec. */
export interface LivenessProbe {
  readonly httpGet: { readonly path: string; readonly port: number | string }
  readonly initialDelaySeconds?: number
  readonly periodSeconds?: number
  readonly timeoutSeconds?: number
  readonly failureThreshold?: number
}

export interface LivenessWatch {
  /** Whether the container responds within the time. */
  ask(timeoutMs: number): Promise<boolean>
  /** The number of consecutive failures. */
  dead(failures: number): void
  readonly signal: AbortSignal
}

/**
 * Runs until the signal, or until the container is dead. Kubernetes' defaults: a period of 10 s, 1 s to respond, 3
 * failures.
 */
export async function watchLiveness(probe: LivenessProbe, watch: LivenessWatch): Promise<void> {
  const { initialDelaySeconds = 0, periodSeconds = 10, timeoutSeconds = 1, failureThreshold = 3 } = probe
  const { signal } = watch
  let failures = 0
  try {
    for (let waitMs = initialDelaySeconds * 1000; ; waitMs = periodSeconds * 1000) {
      await sleep(waitMs, undefined, { signal, ref: false })
      failures = (await watch.ask(timeoutSeconds * 1000)) ? 0 : failures + 1
      if (signal.aborted) return
      if (failures < failureThreshold) continue
      watch.dead(failures)
      return
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
