/**
 * The key of a specialised template contains every fact that the template treats as constant: pods and clusters that
 * differ in anything, with reloads between them, give the result of full execution. And each row of the table is
 * necessary: without any one of them, the same search finds a wrong pod.
 */
import t, { type Test } from 'tap'
import { RevisionCache } from '../../../src/inject/specialize/revision-cache.ts'
import { ANNOTATION_ROW, KEY_ROWS } from '../../../src/inject/specialize/template-key.ts'
import { type Configuration, DIMENSIONS, FIRST_WORLD, type World, Worlds } from './key-worlds.ts'

/** REMORA_SEED repeats a run. */
const seed = Number(process.env['REMORA_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
t.comment(`REMORA_SEED=${seed}`)

/** mulberry32 */
function randomFrom(start: number): (below: number) => number {
  let state = start | 0
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

const STEPS = 600

interface Search {
  readonly difference: string | undefined
  readonly worlds: Worlds
}

/** Goes from world to world by one difference each time, and asks each three times: executed, recorded, specialised. */
function search(start: number, configurations: readonly Configuration[]): Search {
  const random = randomFrom(start)
  const worlds = new Worlds()
  const names = Object.keys(DIMENSIONS) as (keyof World)[]
  const world = { ...FIRST_WORLD }
  for (let step = 0; step < STEPS; step++) {
    const name = names[random(names.length)] ?? 'label'
    const next = random(DIMENSIONS[name].length)
    const allowed =
      name !== 'configuration' || configurations.includes(DIMENSIONS.configuration[next] ?? 'first')
    if (allowed) world[name] = next
    for (let i = 0; i < 3; i++) {
      const difference = worlds.difference(world)
      if (difference !== undefined) return { difference, worlds }
    }
  }
  return { difference: undefined, worlds }
}

t.test('every pod gets the result of full rendering, whatever differs between pods', async (t) => {
  const { difference, worlds } = search(seed, DIMENSIONS.configuration)
  t.equal(difference, undefined)
  let remembered = 0
  for (const name of DIMENSIONS.configuration)
    remembered += worlds.configuration(name).cache?.counts.hits ?? 0
  t.ok(remembered > STEPS, `${remembered} of ${3 * STEPS} by specialised templates`)
})

/** With the row changed, some seed finds a wrong pod; unchanged again, the same one finds none. */
function needed(
  t: Test,
  what: string,
  change: () => () => void,
  configurations: readonly Configuration[],
): void {
  const undo = change()
  let found: number | undefined
  try {
    for (let i = 0; i < 4 && found === undefined; i++)
      if (search(seed + i, configurations).difference !== undefined) found = seed + i
  } finally {
    undo()
  }
  t.ok(found !== undefined, `${what} is needed`)
}

t.test('each part of the key is necessary: without it some pod is wrong', async (t) => {
  for (const [field, row] of Object.entries(KEY_ROWS)) {
    if (row.of !== 'key') continue
    const { read } = row
    const parts = field === 'TypeMeta' ? [0, 1] : [0]
    for (const part of parts) {
      const change = (): (() => void) => {
        row.read = (facts) => read(facts).toSpliced(part, 1)
        return () => {
          row.read = read
        }
      }
      needed(t, `${field}, part ${part}`, change, ['first'])
    }
  }
  const { read } = ANNOTATION_ROW
  const change = (): (() => void) => {
    ANNOTATION_ROW.read = () => []
    return () => {
      ANNOTATION_ROW.read = read
    }
  }
  needed(t, 'the annotations that are asked for by name', change, ['first'])
})

t.test(
  'each field of the configuration needs a specialisation that belongs to one configuration',
  async (t) => {
    const fields = Object.entries(KEY_ROWS).flatMap(([field, row]) =>
      row.of === 'configuration' ? [field] : [],
    )
    t.same(
      fields.toSorted(),
      DIMENSIONS.configuration.slice(1).toSorted(),
      'each has a configuration of its own',
    )
    for (const field of DIMENSIONS.configuration.slice(1)) {
      const change = (): (() => void) => {
        const { template } = RevisionCache.prototype
        let first: RevisionCache | undefined
        // As if what the first configuration's pods left served the next configuration, too.
        RevisionCache.prototype.template = function (name) {
          first ??= this
          return template.call(first, name)
        }
        return () => {
          RevisionCache.prototype.template = template
        }
      }
      needed(t, field, change, ['first', field])
    }
  },
)
