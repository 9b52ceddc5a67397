/** Values that hurt: null for anything, what no install can live with, and what the notes warn of. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { isObject, type JsonObject, type JsonValue, own, parseJson } from '../../src/json/index.ts'
import { chart, helmMissing, renderNotes, tryRender } from './helm.ts'

/** `server`, `server.drain` and so on: all that the schema knows by name. */
function pathsOf(schema: JsonValue | undefined, above = ''): readonly string[] {
  const properties = isObject(schema) ? own(schema, 'properties') : undefined
  if (!isObject(properties)) return []
  return Object.entries(properties).flatMap(([name, below]) => [
    above + name,
    ...pathsOf(below, `${above}${name}.`),
  ])
}

function refusal(values: JsonObject): string {
  const { status, stderr } = tryRender({ values })
  return status === 0 ? '' : stderr
}

t.test('the chart', { skip: helmMissing }, async (t) => {
  t.test('null for any value is no nil pointer: it works or is refused in words', async (t) => {
    const paths = pathsOf(parseJson(readFileSync(`${chart}/values.schema.json`, 'utf8')))
    t.ok(paths.length > 80)
    for (const name of ['revisions', 'tags', 'extraArgs', 'extraEnv', 'server.istiodEnv', 'profile.install'])
      t.equal(tryRender({ args: ['--set', `${name}=null`] }).status, 0, `${name} is none`)
    for (const path of paths) {
      const { stderr } = tryRender({ args: ['--set', `${path}=null`] })
      t.notMatch(stderr, /nil pointer|YAML parse error|error calling|invalid value; expected/, path)
    }
  })

  t.test('what no install can live with is refused', async (t) => {
    t.match(refusal({ server: { webhookPort: 8080 } }), /webhookPort and server\.metricsPort are both 8080/)
    t.match(
      refusal({ autoscaling: { enabled: true, minReplicas: 7, maxReplicas: 3 } }),
      /autoscaling\.minReplicas \(7\) is above autoscaling\.maxReplicas \(3\)/,
    )
    t.equal(refusal({ autoscaling: { enabled: false, minReplicas: 7, maxReplicas: 3 } }), '')
    t.match(refusal({ server: { logLevel: 'loud' } }), /logLevel/)
  })

  t.test('what hurts later is warned of', async (t) => {
    const single = /one replica only, with failurePolicy Fail/
    const priority = /priorityClassName is empty, with failurePolicy Fail/
    const drains = /lets no replica be evicted/
    const good = { priorityClassName: 'system-cluster-critical' }
    const open = { registration: { failurePolicy: 'Ignore' } }
    const rows: readonly (readonly [JsonObject, RegExp, boolean])[] = [
      [{ replicaCount: 1 }, single, true],
      [{ replicaCount: 1, ...open }, single, false],
      [{}, single, false],
      [{ autoscaling: { enabled: true, minReplicas: 1 } }, single, true],
      [{}, priority, true],
      [good, priority, false],
      [open, priority, false],
      [{}, drains, false],
      [{ podDisruptionBudget: { minAvailable: 2 } }, drains, true],
      [{ podDisruptionBudget: { minAvailable: 1 } }, drains, false],
      [{ podDisruptionBudget: { minAvailable: '100%' } }, drains, true],
      [{ podDisruptionBudget: { minAvailable: '50%' } }, drains, false],
      [{ podDisruptionBudget: { maxUnavailable: 0 } }, drains, true],
      [{ podDisruptionBudget: { maxUnavailable: '0%' } }, drains, true],
      [{ podDisruptionBudget: { enabled: false, maxUnavailable: 0 } }, drains, false],
      [
        { autoscaling: { enabled: true, minReplicas: 3 }, podDisruptionBudget: { minAvailable: 2 } },
        drains,
        false,
      ],
    ]
    for (const [values, warning, warns] of rows)
      t.equal(warning.test(renderNotes(values)), warns, `${warning.source}: ${JSON.stringify(values)}`)
  })
})
