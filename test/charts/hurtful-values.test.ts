/** Harmful values: null for any value, values with which no installation works, and values that cause a warning. */
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

t.test('the chart refuses or warns about harmful values', { skip: helmMissing }, async (t) => {
  t.test('null for any value works or is refused with a message, never a nil pointer', async (t) => {
    const paths = pathsOf(parseJson(readFileSync(`${chart}/values.schema.json`, 'utf8')))
    t.ok(paths.length > 80)
    for (const name of ['revisions', 'tags', 'extraArgs', 'extraEnv', 'server.istiodEnv', 'profile.install'])
      t.equal(tryRender({ args: ['--set', `${name}=null`] }).status, 0, `${name} is none`)
    for (const path of paths) {
      const { stderr } = tryRender({ args: ['--set', `${path}=null`] })
      t.notMatch(stderr, /nil pointer|YAML parse error|error calling|invalid value; expected/, path)
    }
  })

  t.test('lifetimes with which a certificate outlives its CA are refused', async (t) => {
    const lifetimes = (certManager: JsonObject) =>
      refusal({ tls: { mode: 'files', files: { certManager: { enabled: true, ...certManager } } } })
    t.equal(lifetimes({}), '')
    t.match(
      lifetimes({ duration: '8760h', renewBefore: '720h' }),
      /certManager\.caRenewBefore \(8760h\) must be longer than tls\.files\.certManager\.duration \(8760h\)/,
    )
    t.equal(lifetimes({ duration: '8759h59m', caRenewBefore: '525600m' }), '', 'units may differ')
    t.match(
      lifetimes({ caDuration: '24h' }),
      /caDuration \(24h\) must be longer than .*caRenewBefore \(8760h\)/,
    )
    t.match(
      lifetimes({ renewBefore: '90000s', duration: '25h' }),
      /duration \(25h\) must be longer than .*renewBefore/,
    )
    const other = { issuerRef: { name: 'corporate' }, duration: '20000h' }
    t.equal(lifetimes(other), '', 'another issuer has a CA of its own')
  })

  t.test('an alert to disable that does not exist is refused with the nearest name', async (t) => {
    const disabled = (...names: string[]) =>
      refusal({ metrics: { prometheusRule: { enabled: true, disabled: names } } })
    t.equal(disabled('RemoraSlow', 'RemoraDown'), '')
    t.match(disabled('RemoraSlow', 'RemoraDwon'), /there is no alert "RemoraDwon"; did you mean RemoraDown\?/)
    t.match(disabled('remoraCABundleBad'), /did you mean RemoraCaBundleBad\?/)
    t.match(disabled('x'.repeat(200)), /there is no alert "x+"; did you mean \w+\? \(known: RemoraDown, /)
  })

  t.test('values with which no installation works are refused', async (t) => {
    t.match(refusal({ server: { webhookPort: 8080 } }), /webhookPort and server\.metricsPort are both 8080/)
    t.match(
      refusal({ autoscaling: { enabled: true, minReplicas: 7, maxReplicas: 3 } }),
      /autoscaling\.minReplicas \(7\) is greater than autoscaling\.maxReplicas \(3\)/,
    )
    t.equal(refusal({ autoscaling: { enabled: false, minReplicas: 7, maxReplicas: 3 } }), '')
    t.match(refusal({ server: { logLevel: 'loud' } }), /logLevel/)
  })

  t.test('the chart refuses values that the server would refuse at its start or never read', async (t) => {
    const files = { certManager: { enabled: true } }
    t.match(
      refusal({ tls: { files } }),
      /certManager\.enabled has no effect with tls\.mode self: set tls\.mode=files/,
    )
    t.equal(refusal({ tls: { mode: 'files', files } }), '')
    for (const version of ['abc', '1', 'Canary:1.30.3', 'canary:'])
      t.match(refusal({ server: { istioVersions: ['1.30.3', version] } }), /istioVersions\[1\]: .*X\.Y\.Z/)
    for (const version of ['1.30', '1.31.0-alpha.1', 'canary:1.30.3'])
      t.equal(refusal({ server: { istioVersions: [version] } }), '', version)
    const secret = refusal({ server: { istiodEnv: ['s3cret'] } })
    t.match(secret, /istiodEnv\[0\]: the value \(not shown\) is not \[REVISION:\]NAME=VALUE/)
    t.notMatch(secret, /s3cret/)
    for (const env of ['A=b c', 'A=', 'canary:A=b:c=d', '1-30:A=x\ny'])
      t.equal(refusal({ server: { istiodEnv: [env] } }), '', env)
  })

  t.test('values that cause trouble later are warned about', async (t) => {
    const single = /there is only one replica, with failurePolicy Fail/
    const priority = /priorityClassName is empty, with failurePolicy Fail/
    const drains = /never allows an eviction/
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
