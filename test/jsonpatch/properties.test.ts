import fc from 'fast-check'
import t from 'tap'
import {
  encodeGoJson,
  equalJson,
  isObject,
  type JsonObject,
  type JsonValue,
  own,
} from '../../src/json/index.ts'
import { applyPatch, type DiffOperation, diffJson } from '../../src/jsonpatch/index.ts'
import { type FieldType, lookupType, type SchemaType, strategicMerge } from '../../src/merge/index.ts'
import { applyStrictly } from './strict-apply.ts'

const FIELDS: ReadonlySet<string> = new Set(
  'metadata spec labels annotations finalizers name containers initContainers volumes env value ports containerPort protocol volumeMounts mountPath args tolerations key secret secretName items path securityContext runAsUser'.split(
    ' ',
  ),
)

/** Random pods from the schema table, with few distinct values so that items match. */
function arbitrary(type: FieldType, depth: number): fc.Arbitrary<JsonValue> {
  switch (type.kind) {
    case 'scalar':
      if (type.scalar === 'string') return fc.constantFrom('a', 'b', 'c', '')
      return type.scalar === 'bool' ? fc.boolean() : fc.constantFrom(1, 2, 53)
    case 'list':
      return fc.array(arbitrary(type.elem, depth + 1), { maxLength: 6 })
    case 'map':
      return fc.dictionary(
        fc.constantFrom('a', 'b/c', '~', '__proto__', '0'),
        arbitrary(type.elem, depth + 1),
      )
    case 'struct':
      return struct(type.struct, depth)
    default:
      return fc.constantFrom<JsonValue>('1', 80)
  }
}

function struct(type: SchemaType, depth: number): fc.Arbitrary<JsonObject> {
  const fields: { [name: string]: fc.Arbitrary<JsonValue> } = {}
  for (const field of type.fields) {
    if (FIELDS.has(field.name) && depth < 6) fields[field.name] = arbitrary(field.type, depth + 1)
  }
  return fc.record(fields, { requiredKeys: [] }) as fc.Arbitrary<JsonObject>
}

const podType = lookupType('Pod')
if (podType === undefined) throw new Error('no Pod')
const pod = struct(podType, 0)

t.test('applying the diff of two pods gives the second pod', async (t) => {
  fc.assert(
    fc.property(pod, pod, (from, to) => {
      const patch = diffJson(from, to)
      return equalJson(applyStrictly(from, patch), to) && equalJson(applyPatch(from, patch), to)
    }),
    { numRuns: 300, seed: 1 },
  )
  t.pass()
})

t.test('applying the diff of any two JSON values gives the second value', async (t) => {
  const json = fc.jsonValue({ maxDepth: 4 }).map((value): JsonValue => JSON.parse(JSON.stringify(value)))
  fc.assert(
    fc.property(json, json, (from, to) => equalJson(applyStrictly(from, diffJson(from, to)), to)),
    { numRuns: 500, seed: 2 },
  )
  t.pass()
})

t.test('applying its diff to the original gives the merged pod', async (t) => {
  const keyed = pod.map((value) => giveKeys(value, lookupType('Pod')) as JsonObject)
  fc.assert(
    fc.property(keyed, keyed, (original, patch) => {
      const merged = strategicMerge(original, patch, 'Pod')
      return equalJson(applyPatch(original, diffJson(original, merged)), merged)
    }),
    { numRuns: 200, seed: 3 },
  )
  t.pass()
})

/** Every item of a merge list with its merge key, as a valid pod has. */
function giveKeys(value: JsonValue, type: SchemaType | undefined, mergeKey?: string): JsonValue {
  if (Array.isArray(value)) return value.map((item, i) => giveKeys(item, type, mergeKey ?? String(i)))
  if (!isObject(value) || type === undefined) return value
  const result: { [key: string]: JsonValue } =
    mergeKey === undefined || !type.byName.has(mergeKey) ? {} : { [mergeKey]: 'k' }
  for (const [key, item] of Object.entries(value)) {
    const field = type.byName.get(key)
    const inner = field?.type.kind === 'list' ? field.type.elem : field?.type
    const struct = inner?.kind === 'struct' ? inner.struct : undefined
    result[key] = struct === undefined ? item : giveKeys(item, struct, field?.mergeKey)
  }
  return result
}

t.test('no operation touches an unchanged subtree', async (t) => {
  fc.assert(
    fc.property(pod, pod, (from, to) => {
      for (const operation of diffJson(from, to)) {
        // A replace has another value, of another kind unless both are scalars: nothing inside could have stayed.
        if (operation.op !== 'replace') continue
        const old = valueAt(from, to, operation)
        if (old !== undefined && equalJson(old, operation.value)) return false
        if (isObject(old) && isObject(operation.value)) return false
        if (Array.isArray(old) && Array.isArray(operation.value)) return false
      }
      return true
    }),
    { numRuns: 200, seed: 4 },
  )
  t.pass()
})

/** The old value where the path leads through objects only, whose places do not shift. */
function valueAt(from: JsonValue, _to: JsonValue, operation: DiffOperation): JsonValue | undefined {
  let value: JsonValue | undefined = from
  for (const token of operation.path.split('/').slice(1)) {
    if (!isObject(value)) return undefined
    value = own(value, token.replaceAll('~1', '/').replaceAll('~0', '~'))
  }
  return value
}

t.test('a list costs no more than the shortest edit that keeps a longest common subsequence', async (t) => {
  const item = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')
  const list = fc.uniqueArray(item, { maxLength: 8 })
  fc.assert(
    fc.property(list, list, (from, to) => {
      const patch = diffJson({ args: from }, { args: to })
      return patch.length === from.length + to.length - 2 * longestCommon(from, to)
    }),
    { numRuns: 500, seed: 5 },
  )
  t.pass()
})

t.test('kept list items are diffed inside, whatever happens to their neighbours', async (t) => {
  const item = fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd', 'e'), value: fc.constantFrom('1', '2') })
  const env = fc.uniqueArray(item, { maxLength: 5, selector: ({ name }) => name })
  fc.assert(
    fc.property(env, env, (from, to) => {
      const kept = longestCommon(
        from.map(({ name }) => name),
        to.map(({ name }) => name),
      )
      const structural = diffJson({ env: from }, { env: to }).filter(
        ({ path }) => path.split('/').length === 3,
      )
      // Equal items at both ends may force another choice of a longest run, never a shorter one.
      return (
        structural.length >= from.length + to.length - 2 * kept &&
        structural.length <= from.length + to.length
      )
    }),
    { numRuns: 300, seed: 6 },
  )
  t.pass()
})

function longestCommon(a: readonly string[], b: readonly string[]): number {
  const row: number[] = new Array(b.length + 1).fill(0)
  for (const x of a) {
    let diagonal = 0
    for (const [j, y] of b.entries()) {
      const above = row[j + 1] ?? 0
      row[j + 1] = x === y ? diagonal + 1 : Math.max(above, row[j] ?? 0)
      diagonal = above
    }
  }
  return row[b.length] ?? 0
}

t.test('equal content with a different order of keys needs no patch', async (t) => {
  fc.assert(
    fc.property(pod, (value) => diffJson(value, JSON.parse(encodeGoJson(value))).length === 0),
    { numRuns: 100, seed: 7 },
  )
  t.pass()
})
