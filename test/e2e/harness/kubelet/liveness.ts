/**
 * The liveness probe as kubelet plays it: asked every period, and after so many failures in a row the container is ended.
 * It only counts; the caller probes and restarts.
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
  /** Whether the container answers within the time. */
  ask(timeoutMs: number): Promise<boolean>
  /** So many failures in a row. */
  dead(failures: number): void
  readonly signal: AbortSignal
}

/** Until the signal, or until it is dead. Kubernetes' defaults: a period of 10 s, 1 s to answer, 3 failures. */
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
