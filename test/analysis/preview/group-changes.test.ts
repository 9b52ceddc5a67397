/** Changes are grouped by the workloads that share them, and none is lost or repeated. */
import fc from 'fast-check'
import t from 'tap'
import { type FieldChange, groupChanges, type Holder } from '../../../src/analysis/index.ts'
import { equalJson, type JsonValue } from '../../../src/json/index.ts'

const change = (path: string, after: JsonValue = 1): FieldChange => ({
  area: 'env',
  path,
  before: undefined,
  after,
})

t.test('differences that all workloads share form the first group', async (t) => {
  const all: readonly Holder<string>[] = [
    { of: 'a', changes: [change('image'), change('x'), change('own')] },
    { of: 'b', changes: [change('image'), change('x', 2)] },
    { of: 'c', changes: [change('x'), change('image')] },
  ]
  t.same(groupChanges(all), [
    { changes: [change('image')], holders: ['a', 'b', 'c'] },
    { changes: [change('x')], holders: ['a', 'c'] },
    { changes: [change('own')], holders: ['a'] },
    { changes: [change('x', 2)], holders: ['b'] },
  ])
  t.same(groupChanges([]), [])
  t.same(groupChanges([{ of: 'a', changes: [] }]), [])
})

const anyChange: fc.Arbitrary<FieldChange> = fc.record({
  area: fc.constantFrom('env', 'image'),
  path: fc.constantFrom('a', 'b', 'c', '__proto__'),
  before: fc.constantFrom<(JsonValue | undefined)[]>(undefined, null, [], 'x', [null]),
  after: fc.constantFrom<(JsonValue | undefined)[]>(undefined, null, {}, '', { b: 1, a: 2 }, { a: 2, b: 1 }),
})
const holders = fc.array(fc.uniqueArray(anyChange, { selector: ({ path }) => path }), { maxLength: 8 })

const same = (a: FieldChange, b: FieldChange) =>
  a.area === b.area && a.path === b.path && equalJson(a.before, b.before) && equalJson(a.after, b.after)

t.test('grouping loses no difference, repeats none, and assigns none to a workload without it', async (t) => {
  fc.assert(
    fc.property(holders, (lists) => {
      const groups = groupChanges(lists.map((changes, of) => ({ of, changes })))
      for (const [of, changes] of lists.entries()) {
        const assigned = groups
          .filter((group) => group.holders.includes(of))
          .flatMap((group) => group.changes)
        if (assigned.length !== changes.length) return false
        if (!changes.every((one) => assigned.filter((other) => same(one, other)).length === 1)) return false
      }
      const all = groups.flatMap((group) => group.changes)
      const once = all.every((one) => all.filter((other) => same(one, other)).length === 1)
      const sets = groups.map((group) => group.holders.join())
      return once && new Set(sets).size === sets.length && groups.every((group) => group.holders.length > 0)
    }),
    { numRuns: 1000 },
  )
  t.pass()
})
