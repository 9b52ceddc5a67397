/** Functions that read and write JSON and YAML: fromJSON, structToJSON, protoToJSON, toYaml, formatDuration, omitNil. */
import {
  AppendedList,
  anyType,
  BudgetError,
  type FunctionContext,
  type FunctionSpec,
  GoFunctionError,
  type GoMap,
  type GoValue,
  isGoList,
  isGoMap,
  type MutableGoMap,
  pointerTo,
  stringType,
} from '../../gotemplate/index.ts'
import {
  cleanProxyConfig,
  formatDuration as formatProtoDuration,
  protoToJson,
  proxyConfigMessage,
} from '../../istio/index.ts'
import { jsonToYaml, parseJson, setOwn } from '../../json/index.ts'
import { goJson } from '../data/go-json.ts'
import { protoMessageType } from '../data/proto-types.ts'
import type { FunctionEnv } from './function-env.ts'

/** The value, or the text `{}` if it is not JSON. */
export const fromJSON: FunctionSpec = {
  params: [stringType],
  returns: anyType,
  call: ([text], { budget }) => {
    budget.allocate(String(text).length)
    try {
      return parseJson(String(text))
    } catch {
      // Istio logs the error and continues.
      return '{}'
    }
  },
}

/** `{}` for nil and for values that JSON cannot represent. */
export function structToJSON({ protoTypes }: FunctionEnv): FunctionSpec {
  return {
    params: [anyType],
    returns: stringType,
    call: ([value], context) => {
      if (value === null || value === undefined) return '{}'
      return attempt(() => goJson(value, protoTypes, context.budget), '{}', context)
    },
  }
}

/** A message as protobuf's JSON; a ProxyConfig without Istio's defaults. */
export function protoToJSON({ protoTypes, gates }: FunctionEnv): FunctionSpec {
  return {
    params: [protoMessageType],
    returns: stringType,
    call: ([value], context) => {
      const found = protoTypes.messageOf(value)
      if (found === undefined) return '{}'
      const message =
        found.name === proxyConfigMessage ? cleanProxyConfig(found.message, gates) : found.message
      return attempt(() => protoToJson(protoTypes.schema, found.name, message), '{}', context)
    },
  }
}

/** As sigs.k8s.io/yaml writes it, with a line break at the end; "" for values that JSON cannot represent. */
export function toYaml({ protoTypes }: FunctionEnv): FunctionSpec {
  return {
    params: [anyType],
    returns: stringType,
    call: ([value], context) =>
      attempt(
        () => {
          const json = goJson(value, protoTypes, context.budget)
          context.budget.read(json.length)
          return jsonToYaml(json)
        },
        '',
        context,
      ),
  }
}

/** Istio logs values that cannot be encoded and continues. */
function attempt(encode: () => string, otherwise: string, { budget }: FunctionContext): string {
  let text: string
  try {
    text = encode()
  } catch (error) {
    if (error instanceof BudgetError) throw error
    return otherwise
  }
  budget.allocate(text.length)
  return text
}

/** A duration as Go prints it: `1m30s`. */
export function formatDuration({ protoTypes }: FunctionEnv): FunctionSpec {
  return {
    params: [pointerTo(protoTypes.message('google.Duration'))],
    returns: stringType,
    call: ([value]) => formatProtoDuration(protoTypes.messageOf(value)?.message),
  }
}

/** Maps and lists without nils and without what becomes empty by that; null if nothing is left. */
export const omitNil: FunctionSpec = {
  params: [anyType],
  returns: anyType,
  call: ([value], context) => withoutNil(value ?? null, context, 0),
}

function withoutNil(value: GoValue, context: FunctionContext, depth: number): GoValue {
  context.budget.step()
  if (depth > context.budget.maxDepth) throw new GoFunctionError('nested too deep')
  if (isGoMap(value)) return mapWithoutNil(value, context, depth)
  const items = value instanceof AppendedList ? value.values : value
  if (!isGoList(items)) return value ?? null
  const kept = items.map((item) => withoutNil(item, context, depth + 1))
  if (kept.every((item, index) => item !== null && item === items[index])) return value
  const rest = kept.filter((item) => item !== null)
  return rest.length === 0 ? null : rest
}

function mapWithoutNil(map: GoMap, context: FunctionContext, depth: number): GoValue {
  const kept: MutableGoMap = {}
  let changed = false
  for (const [key, item] of Object.entries(map)) {
    const clean = withoutNil(item, context, depth + 1)
    if (clean !== item) changed = true
    if (clean === null) changed = true
    else setOwn(kept, key, clean)
  }
  if (!changed) return map
  return Object.keys(kept).length === 0 ? null : kept
}
