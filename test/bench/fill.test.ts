/** The bodies that the benchmark sends differ exactly as real pods do. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { bodyMaker, fillGap, GAPS, type Gap } from '../../bench/load/fill.ts'
import { container, findMaterial, review } from '../../bench/load/material.ts'
import { type Mix, makeMixes } from '../../bench/load/mixes.ts'
import { isObject, type JsonValue } from '../../src/json/index.ts'

const own = new Map(
  ['typical', 'rich', 'env-2000', 'skipped'].map((name) => [
    name,
    review({ containers: [container('web', []), container('agent', [])] }),
  ]),
)

/** Pointers of the values in which two reviews differ. */
function differences(a: JsonValue, b: JsonValue, at = ''): string[] {
  if (Array.isArray(a) && Array.isArray(b) && a.length === b.length)
    return a.flatMap((item, i) => differences(item, b[i] ?? null, `${at}/${i}`))
  if (isObject(a) && isObject(b) && Object.keys(a).join() === Object.keys(b).join())
    return Object.keys(a).flatMap((key) => differences(a[key] ?? null, b[key] ?? null, `${at}/${key}`))
  return a === b ? [] : [at]
}

function between(mixes: readonly Mix[], name: string, [m, n]: readonly [number, number]): string[] {
  const mix = mixes.find((one) => one.name === name)
  if (mix === undefined) throw new Error(`${name} is missing`)
  const bodyOf = bodyMaker(mix)
  return differences(JSON.parse(bodyOf(m)) as JsonValue, JSON.parse(bodyOf(n)) as JsonValue)
}

const POD = '/request/object'
const SAME_DEPLOYMENT = [
  '/request/uid',
  `${POD}/spec/volumes/0/name`,
  `${POD}/spec/containers/0/volumeMounts/0/name`,
  `${POD}/spec/containers/1/volumeMounts/0/name`,
]
const OTHER_DEPLOYMENT = [
  ...SAME_DEPLOYMENT,
  `${POD}/metadata/generateName`,
  `${POD}/metadata/labels/app`,
  `${POD}/metadata/labels/pod-template-hash`,
  `${POD}/metadata/ownerReferences/0/name`,
  `${POD}/metadata/ownerReferences/0/uid`,
  `${POD}/spec/containers/0/name`,
  `${POD}/spec/containers/0/image`,
  `${POD}/spec/containers/1/image`,
]

t.test('the bodies of a mix differ only where real pods differ', async (t) => {
  const mixes = makeMixes(own)
  const sorted = (paths: readonly string[]): string[] => paths.toSorted()
  t.same(between(mixes, 'typical', [1, 2]), [])
  for (const name of ['one-workload', 'skipped', 'rich', 'env-2000'])
    t.same(sorted(between(mixes, name, [1, 2])), sorted(SAME_DEPLOYMENT), name)
  t.same(
    sorted(between(mixes, 'managed-fields', [1, 200])),
    sorted([...SAME_DEPLOYMENT, `${POD}/metadata/managedFields/0/time`]),
  )
  t.same(sorted(between(mixes, 'thousand', [1, 2])), sorted(OTHER_DEPLOYMENT))
  t.same(sorted(between(mixes, 'thousand', [1, 1001])), sorted(SAME_DEPLOYMENT), 'the thousand come again')
  t.same(sorted(between(mixes, 'unseen', [1, 1001])), sorted(OTHER_DEPLOYMENT), 'none comes again')
})

t.test("the reviews of this folder have the same fields as the bench's own", async (t) => {
  const material = findMaterial()
  t.teardown(() => material.close())
  const mixes = makeMixes(material.reviews)
  t.same(
    between(mixes, 'one-workload', [1, 2]).map((path) => path.replace(/\d+/g, 'N')),
    ['/request/uid', `${POD}/spec/volumes/N/name`, `${POD}/spec/containers/N/volumeMounts/N/name`],
  )
  for (const mix of mixes) {
    const lengths = new Set([0, 1, 77_777, 2 ** 32 - 1].map((n) => bodyMaker(mix)(n).length))
    t.equal(lengths.size, 1, `${mix.name}: bodies of one length`)
  }
})

t.test('fillings have their stated width, and random names are valid Kubernetes names', async (t) => {
  for (const n of [0, 9, 14_348_906, 2 ** 32 - 1]) {
    // Its own keys.
    for (const name of Object.keys(GAPS) as Gap[]) t.equal(fillGap(name, n, n).length, GAPS[name], name)
    t.match(fillGap('TOKEN', n, 0), /^[bcdfghjklmnpqrstvwxz2456789]{5}$/)
  }
  const names = new Set(Array.from({ length: 10_000 }, (_, n) => fillGap('TOKEN', n, 0)))
  t.equal(names.size, 10_000)
})

/** Any Lua can run the script after a prelude that replaces wrk. */
const interpreter = ['luajit', 'lua5.1', 'lua', 'lua5.4'].find(
  (name) => spawnSync(name, ['-v']).error === undefined,
)

t.test(
  'wrk sends the same bodies',
  { skip: interpreter === undefined && 'there is no Lua here' },
  async (t) => {
    for (const mix of makeMixes(own)) sameInLua(t, mix)
  },
)

function sameInLua(t: Test, mix: Mix): void {
  const file = join(t.testdir({ [mix.name]: mix.text }), mix.name)
  const script = join(import.meta.dirname, '../../bench/load/mix.lua')
  const program = `
    wrk = { headers = {}, host = 'h', port = '1' }
    dofile(${JSON.stringify(script)})
    if init then init({}) end
    for _ = 1, 3 do io.write(request and request() or wrk.body, '\\n') end`
  const start = 1_234_567
  const env = { MIX_FILE: file, MIX_START: String(start), MIX_WORKLOADS: String(mix.workloads) }
  const { stdout } = spawnSync(interpreter ?? 'lua', ['-e', program], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  })
  const sent = stdout.split('\n').filter((line) => line.startsWith('{'))
  t.same(
    sent,
    [0, 1, 2].map((i) => bodyMaker(mix)(start + i)),
    mix.name,
  )
  const lengths = [...stdout.matchAll(/Content-Length: (\d+)/g)].map(([, length]) => Number(length))
  for (const length of lengths) t.equal(length, sent[0]?.length, 'its length is announced')
}
