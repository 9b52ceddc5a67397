/** Functions on ports: excludeInboundPort, includeInboundPorts, applicationPorts. */
import {
  anyType,
  type FunctionContext,
  type FunctionSpec,
  type GoValue,
  listGet,
  listLength,
  SliceValue,
  type StructType,
  StructValue,
  sliceOf,
  sprint,
  stringType,
} from '../../gotemplate/index.ts'
import { PROXY_CONTAINER, trimGoSpace } from '../../istio/index.ts'
import { isObject, type JsonObject } from '../../json/index.ts'
import { listAt, textAt } from '../../kube/index.ts'

/** Adds the port to the list of excluded ones, unless it is 0 or in the list already. */
export const excludeInboundPort: FunctionSpec = {
  params: [anyType, stringType],
  returns: stringType,
  call: ([port, excluded], context) => {
    const added = trimGoSpace(sprint([port ?? null], context))
    const list = String(excluded)
    context.budget.allocate(list.length)
    const ports = list.split(',')
    if (added === '' || added === '0' || ports.includes(added)) return list
    // Entries are compared unchanged, but written without their spaces.
    const kept = ports.map(trimGoSpace).filter((entry) => entry !== '')
    return [...kept, added].join(',')
  },
}

/** The TCP ports of all containers. */
export function includeInboundPorts(container: StructType): FunctionSpec {
  return portsFunction(container, () => true)
}

/** The TCP ports of all containers except the proxy. */
export function applicationPorts(container: StructType): FunctionSpec {
  return portsFunction(container, (name) => name !== PROXY_CONTAINER)
}

function portsFunction(container: StructType, counts: (name: string) => boolean): FunctionSpec {
  return {
    params: [sliceOf(container)],
    returns: stringType,
    call: ([containers], context) => {
      const counted = structsOf(containers, context).filter((item) => counts(textAt(item, 'name')))
      return counted.flatMap((item) => tcpPorts(item, context)).join(',')
    },
  }
}

function tcpPorts(container: JsonObject, { budget }: FunctionContext): readonly string[] {
  const ports = listAt(container, 'ports').filter(isObject)
  budget.charge(ports.length)
  return ports
    .filter((port) => textAt(port, 'protocol') !== 'UDP' && textAt(port, 'protocol') !== 'SCTP')
    .map((port) => String(port['containerPort'] ?? 0))
}

/** The structs of the pod in a list. */
export function structsOf(list: GoValue, { budget }: FunctionContext): readonly JsonObject[] {
  if (!(list instanceof SliceValue)) return []
  budget.charge(listLength(list))
  return Array.from({ length: listLength(list) }, (_, index) => {
    const item = listGet(list, index)
    // Structs of the pod are backed by its typed JSON.
    return item instanceof StructValue ? ((item.backing ?? {}) as JsonObject) : {}
  })
}
