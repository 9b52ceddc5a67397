/**
 * Creates pods one after the other, and records the time of each and the reason of each refusal. Dry runs call the
 * webhook like other requests.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Api } from './api.ts'

export interface Attempt {
  readonly atMs: number
  /** The API server's message; undefined if the pod was admitted with a sidecar. */
  readonly refused: string | undefined
}

export interface PodLoad {
  stop(): Promise<readonly Attempt[]>
}

const PAUSE_MS = 50
const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { generateName: 'hello-' },
  spec: { containers: [{ name: 'hello', image: 'hello' }] },
}

/** `after` runs between two pods, for example to make the API server open a new connection. */
export function startPodLoad(api: Api, namespace: string, after: () => void): PodLoad {
  const attempts: Attempt[] = []
  let stopped = false
  const run = async (): Promise<void> => {
    while (!stopped) {
      const atMs = Date.now()
      attempts.push({ atMs, refused: await createPod(api, namespace) })
      after()
      await sleep(PAUSE_MS)
    }
  }
  const ended = run()
  return {
    async stop() {
      stopped = true
      await ended
      return attempts
    },
  }
}

export function refusedOf(attempts: readonly Attempt[]): readonly Attempt[] {
  return attempts.filter(({ refused }) => refused !== undefined)
}

/** For the report: `12 of 240 refused`. */
export function shareOf(attempts: readonly Attempt[]): string {
  return `${refusedOf(attempts).length} of ${attempts.length} refused`
}

/** The first reasons, for a reader of a failure. */
export function reasonsOf(attempts: readonly Attempt[]): string {
  const reasons = refusedOf(attempts).map(({ refused }) => refused?.slice(0, 300))
  return [...new Set(reasons)].slice(0, 3).join('\n')
}

async function createPod(api: Api, namespace: string): Promise<string | undefined> {
  const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All`
  const { status, body } = await api.send('POST', path, 'application/json', POD)
  if (status !== 201) return body
  return body.includes('"istio-proxy"') ? undefined : 'admitted without a sidecar'
}
