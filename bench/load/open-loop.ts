/**
 * Requests at a fixed rate, whether or not earlier ones are answered. Latency counts from when a request was due,
 * so waiting for a free connection is part of it. The loop polls instead of sleeping: it has a core of its own, and a
 * timer would be late by more than an answer takes.
 */
import { Connection, encodeRequest, type Target } from './connection.ts'

export interface OpenLoop {
  readonly target: Target
  readonly bodyOf: (n: number) => string
  readonly start: number
  /** Requests a second. */
  readonly rate: number
  readonly seconds: number
  readonly connections: number
}

/** How long after the last request was due answers are waited for. */
const PATIENCE_MS = 2000

/**
 * @returns milliseconds of each request, in the order in which they were due; infinite where a server cannot hold the
 * rate and the answer was not waited for
 * @throws Error where an answer is not 200
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
  // Made while there is time, so that making it delays nothing.
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
