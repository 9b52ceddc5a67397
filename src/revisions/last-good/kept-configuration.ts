/**
 * The content of a kept configuration: what a revision was last compiled from, stored outside the process so that a
 * new replica can serve it when the revision's ConfigMap no longer builds. Pure. The package cluster stores and
 * compresses it (cluster/last-good).
 */
import { RemoraError } from '../../errors.ts'
import type { RevisionInputs } from '../../inject/index.ts'
import { parseIstioVersion, serveIstioVersion } from '../../istio/index.ts'
import { isObject, type JsonObject, own, parseJson } from '../../json/index.ts'
import { digestConfiguration } from '../configuration-digest.ts'

/** The most bytes of content in UTF-8: two ConfigMaps of 1 MiB, escaped, with an environment. */
export const MAX_KEPT_BYTES = 4 * 1024 * 1024

/**
 * Equal inputs give the same text in every replica, so its hash shows whether a stored configuration is the one being
 * served.
 */
export function writeKeptInputs(inputs: RevisionInputs): string {
  const { name, namespace, version, configMapUid, injectorConfigMap, meshConfigMap, environment } = inputs
  return JSON.stringify({
    name,
    namespace,
    configMapUid,
    version: version.text,
    injector: {
      name: injectorConfigMap.name,
      config: injectorConfigMap.config,
      values: injectorConfigMap.values,
    },
    mesh: { name: meshConfigMap.name, mesh: meshConfigMap.mesh },
    environment: [...environment].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
  })
}

/**
 * Reads what `writeKeptInputs` wrote.
 * @throws RemoraError `kept-configuration-invalid`
 */
export function readKeptInputs(text: string, expected: { readonly digest: string }): RevisionInputs {
  let value: unknown
  try {
    value = parseJson(text, { maxBytes: MAX_KEPT_BYTES })
  } catch (cause) {
    if (!(cause instanceof RemoraError)) throw cause
    throw invalid(`the content is not JSON: ${cause.message}`, cause)
  }
  if (!isObject(value)) throw invalid('the content is not a JSON object')
  const inputs = readInputs(value)
  const digest = digestConfiguration(inputs)
  if (digest !== expected.digest)
    throw invalid(`the digest of the content is ${digest}, expected ${expected.digest}`)
  return inputs
}

/**
 * Whether it was compiled from this ConfigMap. A ConfigMap that was deleted and created again has another uid, so a
 * deleted configuration never comes back, even if no replica was running at that time.
 */
export function isKeptFor(
  kept: RevisionInputs,
  found: { readonly name: string; readonly namespace: string; readonly configMapUid: string | undefined },
): boolean {
  return (
    kept.name === found.name &&
    kept.namespace === found.namespace &&
    kept.configMapUid !== undefined &&
    kept.configMapUid === found.configMapUid
  )
}

function readInputs(value: JsonObject): RevisionInputs {
  const version = parseIstioVersion(textAt(value, 'version'))
  if (version === undefined) throw invalid('version: expected a release such as 1.24.2')
  const injector = objectAt(value, 'injector')
  const mesh = objectAt(value, 'mesh')
  return {
    name: textAt(value, 'name'),
    namespace: textAt(value, 'namespace'),
    configMapUid: textAt(value, 'configMapUid'),
    // Another version of Remora may have stored it, so the supported version is determined again.
    version: serveIstioVersion(version).version,
    injectorConfigMap: {
      name: textAt(injector, 'name'),
      config: optionalTextAt(injector, 'config'),
      values: optionalTextAt(injector, 'values'),
    },
    meshConfigMap: { name: textAt(mesh, 'name'), mesh: optionalTextAt(mesh, 'mesh') },
    environment: readEnvironment(value),
  }
}

function readEnvironment(value: JsonObject): ReadonlyMap<string, string> {
  const list = own(value, 'environment')
  if (!Array.isArray(list)) throw invalid('environment: expected a list')
  const environment = new Map<string, string>()
  for (const pair of list) {
    const [name, text] = Array.isArray(pair) ? pair : []
    if (typeof name !== 'string' || typeof text !== 'string')
      throw invalid('environment: expected pairs of a name and a value')
    environment.set(name, text)
  }
  return environment
}

function objectAt(value: JsonObject, key: string): JsonObject {
  const found = own(value, key)
  if (!isObject(found)) throw invalid(`${key}: expected an object`)
  return found
}

function textAt(value: JsonObject, key: string): string {
  const found = optionalTextAt(value, key)
  if (found === undefined || found === '') throw invalid(`${key}: expected a non-empty string`)
  return found
}

function optionalTextAt(value: JsonObject, key: string): string | undefined {
  const found = own(value, key)
  if (found !== undefined && typeof found !== 'string') throw invalid(`${key}: expected a string`)
  return found
}

function invalid(problem: string, cause?: unknown): RemoraError {
  return new RemoraError('kept-configuration-invalid', problem, { cause })
}
