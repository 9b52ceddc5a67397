/** Parses the response of a watch into events, and detects a dead connection. */

import type { IncomingMessage } from 'node:http'
import { RemoraError } from '../../errors.ts'
import { isObject, type JsonObject, own, parseJson } from '../../json/index.ts'
import { describeSystemError } from '../../system-error.ts'
import { ApiRefused, ApiUnreachable, readStatus } from './api-error.ts'

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  readonly object: JsonObject
}

/** etcd accepts objects of 1.5 MiB, and JSON may encode a byte as six characters. */
const MAX_LINE = 16 * 1024 * 1024

/** The server should have ended the watch and did not: the connection counts as dead, although it is open. */
export class WatchSilent extends ApiUnreachable {
  constructor(overdueMs: number) {
    super(`a watch did not end within ${overdueMs} ms of its requested time: its connection is dead`)
  }
}

export interface WatchLimits {
  /** The time until the requested end. */
  readonly endsInMs: number
  /** The tolerance after the end, or after the last byte. */
  readonly overdueMs: number
}

/**
 * Ends when the server ends the watch. The next event is read after the previous one has been handled.
 * @throws ApiRefused for an event ERROR (410: `expired`), WatchSilent, ApiUnreachable, JsonError
 */
export async function* readWatch(
  response: IncomingMessage,
  { endsInMs, overdueMs }: WatchLimits,
): AsyncGenerator<WatchEvent> {
  let silent: WatchSilent | undefined
  let dueAtMs = performance.now() + endsInMs + overdueMs
  /** An event is being handled, so the connection is not read. */
  let busy = false
  const look = (): void => {
    const lateMs = performance.now() - dueAtMs
    // Events keep arriving after the end, or this process was blocked and has not read them yet.
    if (busy || lateMs < 0 || lateMs > overdueMs) {
      if (busy || lateMs >= 0) dueAtMs = performance.now() + overdueMs
      timer = setTimeout(look, Math.max(1, dueAtMs - performance.now()))
      return
    }
    silent = new WatchSilent(overdueMs)
    response.destroy(silent)
  }
  let timer = setTimeout(look, endsInMs + overdueMs)
  response.setEncoding('utf8')
  let rest = ''
  try {
    for await (const chunk of response) {
      dueAtMs = Math.max(dueAtMs, performance.now() + overdueMs)
      rest += chunk
      if (rest.length > MAX_LINE) throw new ApiUnreachable('an event of the watch does not end')
      const lines = rest.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const event = parseEvent(line)
        if (event === undefined) continue
        busy = true
        yield event
        busy = false
      }
    }
  } catch (error) {
    if (silent !== undefined) throw silent
    if (error instanceof RemoraError) throw error
    throw new ApiUnreachable(`the watch was interrupted: ${describeSystemError(error)}`, error)
  } finally {
    clearTimeout(timer)
    response.destroy()
  }
}

function parseEvent(line: string): WatchEvent | undefined {
  if (line.trim() === '') return undefined
  const event = parseJson(line, { source: 'watch', maxBytes: MAX_LINE })
  const type = isObject(event) ? own(event, 'type') : undefined
  const object = isObject(event) ? own(event, 'object') : undefined
  if (type === 'ERROR') throw new ApiRefused('watch', readStatus(object, 500, undefined))
  if (!isObject(object)) throw malformed('an event of the watch has no object')
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
    case 'BOOKMARK':
      return { type, object }
    default:
      throw malformed(`an event of the watch has the type ${JSON.stringify(type).slice(0, 40)}`)
  }
}

function malformed(problem: string): RemoraError {
  return new RemoraError('cluster-update-failed', problem)
}
