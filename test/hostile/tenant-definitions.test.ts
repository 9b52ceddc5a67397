/** A tenant's ConfigMaps, Services and Deployments do not affect other pods, in a folder and for check. */
import t from 'tap'
import type { JsonObject } from '../../src/json/index.ts'
import { runCommand } from '../cli/run-command.ts'
import { answersFor, exampleWith, snapshotOf } from './example-cluster.ts'
import { attack, FOREIGN_IMAGE, TENANT } from './tenant-definitions.ts'

/** The default revision by the old label, and the canary by name. */
const VICTIMS = ['test-ns', 'payments', 'migrating']

t.test('a tenant’s definitions in a folder of manifests are ignored', async (t) => {
  const untouched = await snapshotOf(exampleWith(t, []))
  const attacked = await snapshotOf(exampleWith(t, attack))
  t.match(answersFor(VICTIMS, untouched), /istio-proxy/)
  t.equal(answersFor(VICTIMS, attacked), answersFor(VICTIMS, untouched), 'the same pods')
  t.notMatch(answersFor(VICTIMS, attacked), new RegExp(`privileged":true|hostPID|${FOREIGN_IMAGE}`))
  t.same([...attacked.revisions.keys()], [...untouched.revisions.keys()])
  t.same([...attacked.tags], [...untouched.tags])
  t.same(
    (attacked.ignored ?? []).map(({ object, defines }) => `${defines} ${object.namespace}/${object.name}`),
    [
      `revision ${TENANT}/istio-sidecar-injector-x`,
      `revision ${TENANT}/istio-sidecar-injector-canary`,
      `revision ${TENANT}/istio-sidecar-injector`,
      `tag ${TENANT}/tag-default`,
      `tag ${TENANT}/tag-canary`,
      `tag ${TENANT}/tag-prod-stable`,
    ],
  )
})

t.test('check names each ignored object without failing', async (t) => {
  const check = async (objects: readonly JsonObject[]) => {
    const { out } = await runCommand('check', '--cluster', exampleWith(t, objects), '-o', 'json')
    return JSON.parse(out) as { counts: { error: number }; findings: { code: string; where: JsonObject }[] }
  }
  const report = await check(attack)
  t.equal(report.counts.error, (await check([])).counts.error)
  t.same(
    report.findings.filter(({ code }) => code.endsWith('-untrusted')).map(({ where }) => where['object']),
    [
      `ConfigMap ${TENANT}/istio-sidecar-injector-x`,
      `ConfigMap ${TENANT}/istio-sidecar-injector-canary`,
      `ConfigMap ${TENANT}/istio-sidecar-injector`,
      `Service ${TENANT}/tag-default`,
      `Service ${TENANT}/tag-canary`,
      `Service ${TENANT}/tag-prod-stable`,
    ],
  )
})
