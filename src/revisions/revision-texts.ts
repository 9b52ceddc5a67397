/**
 * Reads the texts of a revision's ConfigMaps, each by itself and by the rules of its release, and names them in
 * messages. compile-revision.ts combines them.
 */
import { RemoraError } from '../errors.ts'
import type { RevisionInputs } from '../inject/index.ts'
import {
  gatesFor,
  type InjectorConfig,
  type MeshConfig,
  parseInjectorConfig,
  parseInjectorValues,
  parseMeshConfig,
  type Values,
} from '../istio/index.ts'

/** A configuration that cannot serve; the message names ConfigMap, key, template and line if they are known. */
export class RevisionConfigError extends RemoraError {}

/** The name of a text in messages: `ConfigMap istio-system/istio-sidecar-injector, key values`. */
export function sourceOfText(inputs: RevisionInputs, key: 'config' | 'values' | 'mesh'): string {
  const configMap = key === 'mesh' ? inputs.meshConfigMap : inputs.injectorConfigMap
  return `ConfigMap ${inputs.namespace}/${configMap.name}, key ${key}`
}

/** @throws RevisionConfigError, IstioInputError */
export function readInjector(inputs: RevisionInputs): InjectorConfig {
  const source = sourceOfText(inputs, 'config')
  return parseInjectorConfig(required(inputs.injectorConfigMap.config, source), { source })
}

/** @throws RevisionConfigError, IstioInputError */
export function readValues(inputs: RevisionInputs): Values {
  const { version } = inputs
  const source = sourceOfText(inputs, 'values')
  const values = parseInjectorValues(required(inputs.injectorConfigMap.values, source), { version, source })
  if (values.map === null && gatesFor(version).nullValuesRefused) throw invalid(source, 'it is empty or null')
  return values
}

/** @throws IstioInputError */
export function readMesh(inputs: RevisionInputs): MeshConfig {
  const { version } = inputs
  return parseMeshConfig(inputs.meshConfigMap.mesh ?? '', { version, source: sourceOfText(inputs, 'mesh') })
}

function invalid(source: string, problem: string): RevisionConfigError {
  return new RevisionConfigError('config-invalid', `${source}: ${problem}`, { source })
}

function required(text: string | undefined, source: string): string {
  if (text === undefined) throw invalid(source, 'the key is missing')
  return text
}
