/**
 * Istio's own template functions by their names in each release. As in Istio, a configuration that calls an unknown one
 * is refused. They override sprig's functions of the same name.
 */
import type { FunctionSpec, FunctionTable } from '../../gotemplate/index.ts'
import { formatDuration, fromJSON, omitNil, protoToJSON, structToJSON, toYaml } from './encoding.ts'
import type { FunctionEnv } from './function-env.ts'
import { otelResourceAttributes } from './otel.ts'
import { annotation, appendMultusNetwork, env } from './pod-meta.ts'
import { applicationPorts, excludeInboundPort, includeInboundPorts } from './ports.ts'
import { isset, mergeMaps, omit, strdict, toJSON, toJsonMap } from './string-maps.ts'
import { contains, directory, indent, sameText, toLower, valueOrDefault } from './texts.ts'

/** pkg/kube/inject/template.go, createInjectionFuncmap, of Istio 1.9 and later. */
export function istioFunctions(given: FunctionEnv): FunctionTable {
  const { gates } = given
  const table: Record<string, FunctionSpec> = {
    formatDuration: formatDuration(given),
    isset,
    excludeInboundPort,
    includeInboundPorts: includeInboundPorts(given.container),
    kubevirtInterfaces: sameText,
    applicationPorts: applicationPorts(given.container),
    annotation: annotation(given),
    valueOrDefault,
    toJSON,
    fromJSON,
    structToJSON: structToJSON(given),
    protoToJSON: protoToJSON(given),
    toYaml: toYaml(given),
    indent,
    directory,
    contains,
    toLower,
    appendMultusNetwork: appendMultusNetwork(given),
    env: env(given),
  }
  // Istio before 1.19: another name for toJSON, which hides sprig's function of that name.
  if (!gates.sprigToJson) table['toJson'] = toJSON
  if (gates.excludeInterfacesFunction) table['excludeInterfaces'] = sameText
  if (gates.stringMapFunctions) Object.assign(table, { omit, strdict, toJsonMap })
  if (gates.mergeMapsFunction) table['mergeMaps'] = mergeMaps
  if (gates.omitNil) table['omitNil'] = omitNil
  if (gates.otelResourceAttributes) table['otelResourceAttributes'] = otelResourceAttributes(given)
  return table
}
