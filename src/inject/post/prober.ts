/**
 * One probe or lifecycle handler of the application as pilot-agent reads it (Istio's type Prober): its kinds, reading
 * one from the pod or from an earlier injection's text, and writing it as Go does. app-probers.ts and rewrite-probes.ts
 * decide which handlers are included and how the pod changes.
 */
import { isObject, JsonError, type JsonObject, type JsonValue, own } from '../../json/index.ts'
import { decodeJsonText, decodeTyped, KubeError, withFields } from '../../kube/index.ts'

/** In Go's field order, without the empty fields that Go omits; encode with `sortKeys: false`. */
export type Prober = JsonObject

/** Go's decoder would fail: a value of the wrong type. */
class WrongType extends Error {}

/**
 * The handler as a prober: `httpGet` before `tcpSocket` before `grpc`; undefined for other kinds (exec). Also undefined
 * if a field has a wrong type, which decoding the pod has refused before.
 */
export function proberOf(handler: JsonObject, kinds: { readonly grpc: boolean }): Prober | undefined {
  const httpGet = own(handler, 'httpGet')
  const tcpSocket = own(handler, 'tcpSocket')
  const grpc = own(handler, 'grpc')
  try {
    if (isObject(httpGet)) return { httpGet: httpGetAction(httpGet), ...timeoutOf(handler) }
    if (isObject(tcpSocket)) return { tcpSocket: tcpSocketAction(tcpSocket), ...timeoutOf(handler) }
    return isObject(grpc) && kinds.grpc ? { grpc: grpcAction(grpc), ...timeoutOf(handler) } : undefined
  } catch (error) {
    if (error instanceof WrongType) return undefined
    throw error
  }
}

/**
 * The text of an earlier injection, by path. A null in it stays null.
 * @returns undefined if Go's decoder would fail
 */
export function decodeProbers(text: string): Map<string, Prober | null> | undefined {
  try {
    return decodeJsonText(text, 'probers', (root) => {
      if (root === null) return new Map()
      return new Map(
        Object.entries(objectOf(root)).map(([path, prober]) => [
          path,
          prober === null ? null : decode(objectOf(prober)),
        ]),
      )
    })
  } catch (error) {
    if (error instanceof WrongType || error instanceof JsonError || error instanceof KubeError)
      return undefined
    throw error
  }
}

/** The fields that Istio's type Prober shares with Kubernetes' Probe; it ignores the others. */
const PROBER_FIELDS = ['httpGet', 'tcpSocket', 'grpc', 'timeoutSeconds']

function decode(value: JsonObject): Prober {
  const prober = decodeTyped('Probe', withFields(value, PROBER_FIELDS))
  const httpGet = own(prober, 'httpGet') ?? null
  const tcpSocket = own(prober, 'tcpSocket') ?? null
  const grpc = own(prober, 'grpc') ?? null
  return {
    ...(httpGet === null ? {} : { httpGet: httpGetAction(objectOf(httpGet)) }),
    ...(tcpSocket === null ? {} : { tcpSocket: tcpSocketAction(objectOf(tcpSocket)) }),
    ...(grpc === null ? {} : { grpc: grpcAction(objectOf(grpc)) }),
    ...timeoutOf(prober),
  }
}

function httpGetAction(action: JsonObject): JsonObject {
  const headers = own(action, 'httpHeaders') ?? null
  if (headers !== null && !Array.isArray(headers)) throw new WrongType()
  const list: readonly JsonValue[] = headers ?? []
  return {
    ...unlessEmpty('path', text(action, 'path')),
    port: portOf(action),
    ...unlessEmpty('host', text(action, 'host')),
    ...unlessEmpty('scheme', text(action, 'scheme')),
    ...(list.length === 0 ? {} : { httpHeaders: list.map((h) => header(h === null ? {} : objectOf(h))) }),
  }
}

function header(value: JsonObject): JsonObject {
  return { name: text(value, 'name'), value: text(value, 'value') }
}

function tcpSocketAction(action: JsonObject): JsonObject {
  return { port: portOf(action), ...unlessEmpty('host', text(action, 'host')) }
}

function grpcAction(action: JsonObject): JsonObject {
  const port = own(action, 'port') ?? 0
  const service = own(action, 'service') ?? null
  if (typeof port !== 'number' || (service !== null && typeof service !== 'string')) throw new WrongType()
  // The field has no omitempty: Go writes null if it is not set.
  return { port, service }
}

/** A number or a port's name; Go's zero value is the number 0. */
function portOf(action: JsonObject): number | string {
  const port = own(action, 'port') ?? 0
  if (typeof port !== 'number' && typeof port !== 'string') throw new WrongType()
  return port
}

function timeoutOf(prober: JsonObject): { timeoutSeconds?: number } {
  const seconds = own(prober, 'timeoutSeconds') ?? 0
  if (typeof seconds !== 'number') throw new WrongType()
  return seconds === 0 ? {} : { timeoutSeconds: seconds }
}

function text(object: JsonObject, key: string): string {
  const value = own(object, key) ?? ''
  if (typeof value !== 'string') throw new WrongType()
  return value
}

function unlessEmpty(key: string, value: string): JsonObject {
  return value === '' ? {} : { [key]: value }
}

function objectOf(value: JsonValue): JsonObject {
  if (!isObject(value)) throw new WrongType()
  return value
}
