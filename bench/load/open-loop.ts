/**
 * Sends requests at a fixed rate, whether or not earlier ones are answered. Latency counts from the time a request
 * was due, so it includes the wait for a free connection. The loop polls instead of sleeping: it has its own core,
 * and a timer would be late by more than a response takes.
 */
import { Connection, encodeRequest, type Target } from './connection.ts'

export interface OpenLoop {
  readonly target: Target
  readonly bodyOf: (n: number) => string
  readonly start: number
  /** Requests per second. */
  readonly rate: number
  readonly seconds: number
  readonly connections: number
}

/** How long to wait for responses after the last request was due. */
const PATIENCE_MS = 2000

/**
 * @returns milliseconds of each request, in the order in which they were due; infinite if a server cannot keep up and
 * the response was not awaited
 * @throws Error if a response is not 200
 */
export async function runOpenLoop(plan: OpenLoop): Promise<readonly number[]> {
  const connections = await Promise.all(
    Array.from({ length: plan.connections }, () => Connection.open(plan.target)),
  )
  try {
    return await new Promise((resolve, reject) => sendAll(plan, connections, { resolve, reject }))
  } finally {
    for (const connection of connections) connection.close()
  }
}

interface Settle {
  readonly resolve: (latencies: readonly number[]) => void
  readonly reject: (error: Error) => void
}

function sendAll(plan: OpenLoop, connections: readonly Connection[], { resolve, reject }: Settle): void {
  const total = Math.round(plan.rate * plan.seconds)
  const latencies: number[] = new Array(total).fill(Number.POSITIVE_INFINITY)
  const began = performance.now() + 5
  const dueOf = (i: number): number => began + (i * 1000) / plan.rate
  let sent = 0
  let answered = 0
  let failed = false
  // Created while there is time, so that this delays nothing.
  let next = encodeRequest(plan.bodyOf(plan.start))
  const fail = (error: Error): void => {
    failed = true
    reject(error)
  }
  const sendNext = (connection: Connection): void => {
    const i = sent++
    connection.send(
      next,
      ({ status }) => {
        latencies[i] = performance.now() - dueOf(i)
        answered++
        if (status !== 200) fail(new Error(`request ${i} was answered with HTTP ${status}`))
      },
      fail,
    )
    next = encodeRequest(plan.bodyOf(plan.start + sent))
  }
  const tick = (): void => {
    const now = performance.now()
    while (sent < total && dueOf(sent) <= now) {
      const free = connections.find(({ idle }) => idle)
      if (free === undefined) break
      sendNext(free)
    }
    if (failed) return
    if (answered === total || now > dueOf(total) + PATIENCE_MS) resolve(latencies)
    else setImmediate(tick)
  }
  tick()
}
