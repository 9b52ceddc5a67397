/**
 * Compiles a JSON structure with placeholders to a function that builds the structure with values in their slots. Parts
 * without placeholders are the same object for all requests.
 */
import {
  type ConstantTexts,
  isObject,
  type JsonArray,
  type JsonObject,
  type JsonValue,
} from '../../json/index.ts'
import { isList } from '../../kube/index.ts'
import { fillScalar, type Scalar } from './slot.ts'

export type Build = (values: readonly string[]) => JsonValue

/** A placeholder is in a key, where it is not supported. */
export class Misplaced extends Error {}

/** Splits a text at its placeholders; undefined if it has none. */
export type SplitScalar = (text: string) => Scalar | undefined

export interface BuildContext {
  readonly split: SplitScalar
  /** Gets the parts without a placeholder. */
  readonly constants: ConstantTexts
}

/** Undefined if it contains no placeholder. @throws Misplaced */
export function compileBuild(value: JsonValue, context: BuildContext): Build | undefined {
  const build = compile(value, context)
  if (build === undefined) context.constants.register(value)
  return build
}

function compile(value: JsonValue, context: BuildContext): Build | undefined {
  if (typeof value === 'string') {
    const scalar = context.split(value)
    return scalar === undefined ? undefined : (values) => fillScalar(scalar, values)
  }
  if (isList(value)) return buildList(value, context)
  return isObject(value) ? buildObject(value, context) : undefined
}

function buildList(list: JsonArray, context: BuildContext): Build | undefined {
  const places: number[] = []
  const builds: Build[] = []
  list.forEach((item, i) => {
    const build = compileBuild(item, context)
    if (build === undefined) return
    places.push(i)
    builds.push(build)
  })
  if (builds.length === 0) return undefined
  return (values) => {
    const built = list.slice()
    for (let i = 0; i < builds.length; i++) built[places[i] as number] = (builds[i] as Build)(values)
    return built
  }
}

function buildObject(object: JsonObject, context: BuildContext): Build | undefined {
  const keys: string[] = []
  const builds: Build[] = []
  for (const [key, item] of Object.entries(object)) {
    if (key === '__proto__' || context.split(key) !== undefined) throw new Misplaced(key)
    const build = compileBuild(item, context)
    if (build === undefined) continue
    keys.push(key)
    builds.push(build)
  }
  if (builds.length === 0) return undefined
  return (values) => {
    const built: { [key: string]: JsonValue } = { ...object }
    for (let i = 0; i < builds.length; i++) built[keys[i] as string] = (builds[i] as Build)(values)
    return built
  }
}
