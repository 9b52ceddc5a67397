/** All checks together: no findings for a good cluster, the order of findings, and the selection for one revision. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { codes, isCode } from '../../../src/inject/index.ts'
import type { ClusterObject } from '../../../src/revisions/index.ts'
import { namespace } from '../../revisions/cluster-objects.ts'
import { findCorpus, skipWithoutCorpus } from '../../shared-corpus.ts'
import { checkObjects, healthy, install, linesOf, workload } from './check-fixture.ts'

t.test('a healthy cluster has no findings, and the report says what was tested', async (t) => {
  const workloads = [workload('Deployment shop/web', 'shop'), workload('Deployment plain/web', 'plain')]
  const report = checkObjects(healthy, { workloads })
  t.same(report.findings, [])
  t.same(report.counts, { error: 0, warning: 0, note: 0 })
  t.match(report.revisions, [
    {
      name: 'canary',
      namespace: 'istio-system',
      tags: [],
      serves: true,
      istioVersion: '1.30.3',
      versionReason: 'ConfigMap label app.kubernetes.io/version',
      versionEvidence: 'label',
      workloads: 1,
      templatesNotTried: [],
    },
    { name: 'default' },
  ])
  t.ok((report.revisions[0]?.builtInPods ?? 0) >= 10)
})

const versions = ['1.28.3', '1.30.3', '1.31.0-dev']
for (const version of versions) {
  const corpus = `installs/${version}`
  t.test(
    `a real install of Istio ${version} has no errors or warnings`,
    { skip: skipWithoutCorpus(corpus) },
    async (t) => {
      for (const install of ['default', 'canary', 'canary-tag-prod', 'blue']) {
        const file = join(findCorpus(corpus) ?? '', `${install}.json`)
        const { items } = JSON.parse(readFileSync(file, 'utf8')) as { items: ClusterObject['object'][] } // a List
        const report = checkObjects(items.map((object) => ({ object })))
        t.same(
          report.findings.filter(({ severity }) => severity !== 'note'),
          [],
          install,
        )
        t.same(
          report.findings.map(({ code }) => code),
          ['ca-bundle-missing', 'namespace-unknown'],
          'as before the first start, and without the Namespace of istiod',
        )
        t.equal(report.revisions.length, 1, install)
        t.equal(report.revisions[0]?.serves, true, install)
        t.equal(report.revisions[0]?.istioVersion, version, install)
        t.match(report.revisions[0]?.templatesNotTried, ['waypoint', 'kube-gateway'], install)
      }
    },
  )
}

t.test('findings are sorted by severity, each with its place, what was expected and the fix', async (t) => {
  const objects = [
    ...healthy,
    namespace('both', { 'istio-injection': 'enabled', 'istio.io/rev': 'canary' }),
    namespace('lost', { 'istio.io/rev': 'gone' }),
  ]
  const { findings, counts } = checkObjects(objects)
  t.same(
    findings.map(({ severity, code }) => `${severity} ${code}`),
    ['error revision-label-unserved', 'warning namespace-revision-ignored'],
  )
  t.same(counts, { error: 1, warning: 1, note: 0 })
  for (const { code, where, message, expected, fix } of findings) {
    t.ok(isCode(code), code)
    for (const text of [where.object, message, expected, fix]) t.ok(text.length > 5, code)
  }
})

t.test('with a revision only its findings are reported', async (t) => {
  const objects = [
    ...install('default', { mesh: 'trustDomian: x\n' }),
    ...install('canary', {
      mesh: 'rootNamespce: x\ndefaultConfig:\n  discoveryAddress: istiod-canary.istio-system.svc:15012\n',
    }),
    namespace('lost', { 'istio.io/rev': 'gone' }),
  ]
  t.same(linesOf(objects, { target: 'canary' }), [
    'error mesh-field-unknown canary: ConfigMap istio-system/istio-canary',
  ])
  const all = linesOf(objects)
  t.ok(all.includes('error revision-label-unserved -: Namespace lost'))
  t.ok(all.includes('error mesh-field-unknown default: ConfigMap istio-system/istio'))
  t.same(
    checkObjects(objects, { target: 'canary' }).revisions.map(({ name }) => name),
    ['canary'],
  )
})

t.test('every code that only a check reports has a severity and a fix', async (t) => {
  for (const [code, row] of Object.entries(codes)) {
    if (row.kind !== 'finding') continue
    t.ok('severity' in row && row.severity !== undefined, code)
    t.ok('fix' in row && row.fix !== undefined, code)
  }
})
