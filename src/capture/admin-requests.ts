/**
 * The requests that a running server's admin socket accepts for its recorder. They can only narrow the capture: raw
 * reviews, another folder and larger limits are not part of the protocol.
 */
import { join } from 'node:path'
import { AdminError, askAdmin } from '../admin/index.ts'
import { isObject, type JsonObject, own } from '../json/index.ts'
import { type CaptureFilter, EVERYTHING } from './filter.ts'
import type { Recorder, RecorderStatus } from './recorder.ts'

export const ADMIN_ACTIONS = ['status', 'start', 'stop', 'narrow'] as const
export type AdminAction = (typeof ADMIN_ACTIONS)[number]

export interface AdminRequest {
  readonly action: AdminAction
  /** The filters of `narrow`. */
  readonly filter?: CaptureFilter
}

/** In its own folder, because the capture folder may be a volume that others can read. */
export function captureSocketPath(folder: string): string {
  return join(folder, 'admin', 'socket')
}

export function answerAboutCapture(recorder: Recorder, line: JsonObject): JsonObject {
  const request = readRequest(line)
  if (request === undefined)
    return { error: 'expected an action: status, start, stop or narrow with a filter' }
  if (request.action === 'start') recorder.resume()
  if (request.action === 'stop') recorder.pause()
  if (request.action === 'narrow') recorder.narrow(request.filter ?? EVERYTHING)
  // A status contains only JSON values.
  return recorder.status() as unknown as JsonObject
}

function readRequest(value: JsonObject): AdminRequest | undefined {
  const action = ADMIN_ACTIONS.find((one) => one === own(value, 'action'))
  if (action === undefined) return undefined
  if (action !== 'narrow') return { action }
  const filter = own(value, 'filter')
  const read = isObject(filter) ? readFilter(filter) : undefined
  return read === undefined ? undefined : { action, filter: read }
}

function readFilter(value: JsonObject): CaptureFilter | undefined {
  const list = (name: string): readonly string[] | undefined => {
    const found = own(value, name)
    return Array.isArray(found) && found.every((item) => typeof item === 'string') ? found : undefined
  }
  const [namespaces, workloads, revisions, codes] = [
    list('namespaces'),
    list('workloads'),
    list('revisions'),
    list('codes'),
  ]
  const failuresOnly = own(value, 'failuresOnly')
  const samplePercent = own(value, 'samplePercent')
  if (!namespaces || !workloads || !revisions || !codes) return undefined
  if (typeof failuresOnly !== 'boolean' || typeof samplePercent !== 'number') return undefined
  return { namespaces, workloads, revisions, codes, failuresOnly, samplePercent }
}

/** @throws AdminError `admin-unreachable` if no server that records listens there */
export async function askRecorder(path: string, { action, filter }: AdminRequest): Promise<RecorderStatus> {
  // A filter contains only JSON values.
  const more = filter === undefined ? {} : { filter: filter as unknown as JsonObject }
  const answer = await askAdmin(path, { about: 'capture', action, ...more })
  if (own(answer, 'folder') === undefined)
    throw new AdminError('admin-unreachable', `${path}: the response is not about captures`)
  // The server's own status has this type.
  return answer as unknown as RecorderStatus
}
