/**
 * Specialised templates compared with full execution, on pods of the examples and of the corpora if they exist:
 * changed at random, with configurations that change in between.
 */
import fc from 'fast-check'
import t from 'tap'
import { type InjectOptions, inject, type RevisionConfig, type Snapshot } from '../../../src/inject/index.ts'
import { SpecializedTemplate } from '../../../src/inject/specialize/specialized-template.ts'
import { equalJson, isObject, type JsonObject, type JsonValue } from '../../../src/json/index.ts'
import { compileSeeds, readSeeds } from '../../fuzz/seeds.ts'
import { findCorpus } from '../../shared-corpus.ts'
import { requestFor, snapshotOf } from '../revision-fixture.ts'

/** Without it there are fewer pods, and fewer of them alike. */
const corpus = findCorpus('istio')
const { pods, configs } = compileSeeds(readSeeds())

const WORDS = [
  'web',
  'shop-1',
  'true',
  '12',
  '1e3',
  'a:b',
  'x y',
  '"q"',
  "o'k",
  'ä',
  '',
  '-',
  '{a}',
  '#no',
  'v'.repeat(70),
]
const word = fc.constantFrom(...WORDS)

/** Other texts in some of the places that templates read. */
const change = fc.record({
  pod: fc.nat(),
  labels: fc.dictionary(fc.constantFrom('app', 'version', 'app.kubernetes.io/name'), word, {
    noNullPrototype: true,
  }),
  annotations: fc.dictionary(
    fc.constantFrom(
      'sidecar.istio.io/proxyCPU',
      'sidecar.istio.io/logLevel',
      'note',
      'proxy.istio.io/config',
    ),
    fc.constantFrom('100m', 'debug', '{}', 'concurrency: 3', 'x'),
    { noNullPrototype: true, maxKeys: 1 },
  ),
  container: fc.option(word),
  generateName: fc.option(word),
})

function podOf(made: typeof change extends fc.Arbitrary<infer T> ? T : never): JsonObject {
  const pod = pods[made.pod % pods.length] ?? {}
  const metadata = objectOf(pod['metadata'])
  const spec = objectOf(pod['spec'])
  const containers = Array.isArray(spec['containers']) ? [...spec['containers']] : []
  if (made.container !== null && isObject(containers[0]))
    containers[0] = { ...containers[0], name: made.container }
  return {
    ...pod,
    metadata: {
      ...metadata,
      labels: { ...objectOf(metadata['labels']), ...made.labels },
      annotations: { ...objectOf(metadata['annotations']), ...made.annotations },
      ...(made.generateName !== null && { generateName: made.generateName }),
    },
    spec: { ...spec, containers },
  }
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {}
}

/** A copy begins with an empty cache. */
function copyOf(snapshot: Snapshot | undefined, name = ''): RevisionConfig {
  const config = snapshot?.revisions.get(name)?.config
  if (config === undefined) throw new TypeError(`no revision ${name}`)
  return config.with({})
}

function outcome(object: JsonObject, name: string, snapshot: Snapshot, options?: InjectOptions) {
  return inject(requestFor(object, { target: { by: 'revision', name }, seed: 0 }), snapshot, options)
}

t.test('specialised templates give the same pods as full rendering', (t) => {
  let remembered = 0
  const counted = SpecializedTemplate.prototype.run
  t.teardown(() => {
    SpecializedTemplate.prototype.run = counted
  })
  SpecializedTemplate.prototype.run = function (request) {
    const found = counted.call(this, request)
    if (found !== undefined) remembered++
    return found
  }
  for (const { name: title, inputs, snapshot } of configs) {
    const before = remembered
    // A copy of the configuration begins anew, as after a reload.
    let config = copyOf(snapshot, inputs.name)
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 2, maxLength: 5 }),
        fc.nat(5).map((n) => n === 0),
        (changes, reload) => {
          if (reload) config = config.with({})
          const now = snapshotOf(config)
          for (const made of [...changes, ...changes, ...changes]) {
            const pod = podOf(made)
            const [fast, plain] = [
              outcome(pod, config.name, now),
              outcome(pod, config.name, now, { specialize: false }),
            ]
            if (!equalJson(JSON.parse(JSON.stringify(fast)), JSON.parse(JSON.stringify(plain))))
              throw new Error(`${JSON.stringify(fast)}\nfor ${JSON.stringify(plain)}`)
          }
        },
      ),
      { seed: 5, numRuns: 8 },
    )
    t.ok(remembered - before > (corpus === undefined ? 3 : 10), `${title}: ${remembered - before} remembered`)
  }
  t.end()
})

t.test('specialised and full runs are counted by configuration', (t) => {
  const [first] = configs
  const config = copyOf(first?.snapshot, first?.inputs.name)
  t.equal(config.cache, undefined)
  // Executed at first, followed the second time, and then known.
  for (let i = 0; i < 5; i++) outcome(pods[1] ?? {}, config.name, snapshotOf(config))
  t.same(config.cache?.counts, { hits: 3, misses: 2 })
  t.end()
})

t.test('a copy of a configuration with other values starts with an empty cache', (t) => {
  const [first] = configs
  const config = first?.snapshot.revisions.get(first.inputs.name)?.config as RevisionConfig
  const pod = pods[0] ?? {}
  for (let i = 0; i < 3; i++) outcome(pod, config.name, snapshotOf(config))
  const renamed = config.with({ mesh: { ...config.mesh, trustDomain: 'elsewhere.local' } })
  const answers = [true, false].map((specialize) =>
    JSON.stringify(outcome(pod, config.name, snapshotOf(renamed), { specialize })),
  )
  t.equal(answers[0], answers[1])
  t.end()
})
