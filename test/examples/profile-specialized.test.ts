/**
 * Remora's own profile can be specialised: from the third pod of a kind on its output comes as typed objects, with no template
 * to execute and no text to parse, unless the pod has an istio-proxy container of its own.
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { inject, type Outcome, type Snapshot } from '../../src/inject/index.ts'
import { SpecializedTemplate, type TemplateOutput } from '../../src/inject/specialize/specialized-template.ts'
import { isObject, type JsonObject, type JsonValue, own } from '../../src/json/index.ts'
import { compileSeeds, readSeeds } from '../fuzz/seeds.ts'
import { requestFor } from '../inject/revision-fixture.ts'

const root = join(import.meta.dirname, '../..')
const revisions = compileSeeds(readSeeds()).configs.filter(({ name }) => name.startsWith('example '))

/** What the last template of the last injection gave without being executed as a whole. */
let last: TemplateOutput | undefined
const run = SpecializedTemplate.prototype.run
t.teardown(() => {
  SpecializedTemplate.prototype.run = run
})
SpecializedTemplate.prototype.run = function (...args) {
  last = run.apply(this, args)
  return last
}

/** The first injection leaves a fingerprint, the second records the path, the third follows it. */
function injectThrice(object: JsonObject, revision: string, snapshot: Snapshot): Outcome {
  const once = () =>
    inject(requestFor(object, { target: { by: 'revision', name: revision }, seed: 0 }), snapshot)
  once()
  once()
  last = undefined
  return once()
}

t.test('the pods of the examples are injected from specialised templates', async (t) => {
  for (const { inputs, snapshot } of revisions) {
    let specialized = 0
    for (const file of globSync('examples/canary-upgrade/reviews/*.json', { cwd: root }).sort()) {
      const review: JsonValue = JSON.parse(readFileSync(join(root, file), 'utf8'))
      const request = isObject(review) ? own(review, 'request') : undefined
      const object = isObject(request) ? own(request, 'object') : undefined
      // Its own environment, lifecycle and resources are texts of several lines, which are read each time.
      if (!isObject(object) || file.endsWith('own-proxy.json')) continue
      if (injectThrice(object, inputs.name, snapshot).kind !== 'patched') continue
      t.ok(last?.typed, `${file} with ${inputs.name}`)
      specialized++
    }
    t.ok(specialized >= 10, `${inputs.name}: ${specialized}`)
  }
})

const resources = { requests: { cpu: '100m', memory: '128Mi' } }
const gateway = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'edge', annotations: { 'inject.istio.io/templates': 'gateway' } },
  spec: {
    containers: [
      {
        name: 'istio-proxy',
        image: 'auto',
        ports: [{ containerPort: 443, protocol: 'TCP' }],
        resources,
      },
    ],
  },
}

t.test(
  'a gateway that states its resources is injected from a specialised template, and has these alone',
  async (t) => {
    for (const { inputs, snapshot } of revisions) {
      const outcome = injectThrice(gateway, inputs.name, snapshot)
      t.ok(last?.typed)
      t.match(outcome, { kind: 'patched' })
      const spec = outcome.kind === 'patched' ? outcome.pod['spec'] : undefined
      const [proxy] = isObject(spec) && Array.isArray(spec['containers']) ? spec['containers'] : []
      t.same(proxy?.resources, resources)
      t.same(proxy?.args.slice(0, 2), ['proxy', 'router'])
    }
  },
)
