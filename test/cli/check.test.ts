/** `remora check` from its arguments to its exit code, over folders and a live cluster's reader. */
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { exampleWithMistakes } from '../example-cluster.ts'
import { runCommand } from './run-command.ts'

const example = exampleWithMistakes()

t.test('check finds the intended error and warning of the example', async (t) => {
  const { code, out, err } = await runCommand('check', '--cluster', example)
  t.equal(code, 1)
  t.equal(err, '')
  t.match(out, /^revision 1-29-2 in istio-system, tags prod-stable: Istio 1\.29\.2 \(from ConfigMap label/)
  t.match(out, /\nerror revision-label-unserved: Namespace stranded\n {2}found {5}the namespace's label/)
  t.match(out, /\n1 error, 1 warning, 1 note\n$/)
})

t.test('the severity of the findings decides the exit code', async (t) => {
  for (const revision of ['canary', '1-29-2', 'prod-stable']) {
    const { code, out } = await runCommand('check', '--cluster', example, '--revision', revision)
    t.equal(code, 0, revision)
    t.match(out, /\n0 errors, 0 warnings, 0 notes\n$/)
  }
  // The namespace with both labels is on the default revision.
  const ofDefault = ['check', '--cluster', example, '--revision', 'default']
  t.match(await runCommand(...ofDefault), { code: 0, out: /0 errors, 1 warning/ })
  t.match(await runCommand(...ofDefault, '--fail-on', 'warning'), { code: 1, out: /0 errors, 1 warning/ })
})

t.test('-o json prints the report for scripts', async (t) => {
  const { code, out } = await runCommand('check', '--cluster', example, '-o', 'json')
  t.equal(code, 1)
  t.match(JSON.parse(out), {
    ok: false,
    counts: { error: 1, warning: 1, note: 1 },
    revisions: [
      {
        name: '1-29-2',
        istioVersion: '1.29.2',
        versionEvidence: 'label',
        tags: ['prod-stable'],
        serves: true,
      },
      { name: 'canary' },
      { name: 'default' },
    ],
    findings: [
      {
        severity: 'error',
        code: 'revision-label-unserved',
        where: { object: 'Namespace stranded' },
        message: String,
        expected: String,
        fix: String,
      },
      { severity: 'warning', code: 'namespace-revision-ignored', revision: 'default' },
    ],
  })
})

t.test('the exit code is 2 if the result could not be determined', async (t) => {
  const folder = t.testdir({ file: '' })
  t.match(await runCommand('check', '--cluster', join(folder, 'nowhere')), {
    code: 2,
    err: /^remora: [^\n]*nowhere does not exist[^\n]*\n$/,
  })
  t.match(await runCommand('check', '--cluster', example, '--revision', 'gone'), {
    code: 2,
    err: /^remora: --revision: there is no revision or tag gone; known: 1-29-2, canary, default, prod-stable\n$/,
  })
  t.match(await runCommand('check', '--cluster', example, '--fail-on', 'note'), { code: 2 })
  t.match(await runCommand('check', '--help'), { code: 0, out: /--fail-on error\|warning/ })
})

t.test(
  'an empty folder, and one with invalid files, are reported as errors without a stack trace',
  async (t) => {
    const folder = t.testdir({ empty: {}, broken: { 'a.yaml': 'kind: [' } })
    t.match(await runCommand('check', '--cluster', join(folder, 'empty')), {
      code: 1,
      out: /^no revision\n\nerror cluster-folder-empty: the cluster\n/,
    })
    t.match(await runCommand('check', '--cluster', join(folder, 'broken')), {
      code: 1,
      out: /error manifest-malformed: a\.yaml\n/,
    })
  },
)

t.test('objects in a later file replace those of the cluster', async (t) => {
  const folder = t.testdir()
  cpSync(example, folder, { recursive: true })
  const namespace =
    'apiVersion: v1\nkind: Namespace\nmetadata: {name: stranded, labels: {istio.io/rev: canary}}\n'
  writeFileSync(join(folder, 'zz.yaml'), namespace)
  const { code, out } = await runCommand('check', '--cluster', folder)
  t.equal(code, 0)
  t.match(out, /warning object-defined-twice: Namespace stranded \(zz\.yaml\)/)
})

t.test('every unknown name comes with the nearest known one', async (t) => {
  const cluster = ['--cluster', example]
  const rows: readonly (readonly [readonly string[], string])[] = [
    [['chekc'], 'did you mean check?'],
    [['check', '--clustr', example], 'did you mean --cluster?'],
    [['check', '-o', 'jsn', ...cluster], 'did you mean json?'],
    [['status', '--fail-on', 'stal', ...cluster], 'did you mean stale?'],
    [['check', '--revision', 'canry', ...cluster], 'did you mean canary?'],
    [['preview', '--to', 'prod-stabel', ...cluster], 'did you mean prod-stable?'],
    [['preview', '--to', 'canary', '-n', 'paymets', ...cluster], 'did you mean payments?'],
    [['status', '-n', 'paymets', ...cluster], 'did you mean payments?'],
    [['explain', 'namespace', 'paymets', ...cluster], 'did you mean payments?'],
    [['explain', 'deploymnt/x', ...cluster], 'did you mean deployment?'],
    [['explain', 'deployment/istoid', '-n', 'istio-system', ...cluster], 'did you mean istiod?'],
    [['explain', 'revision-not-instaled'], 'did you mean revision-not-installed?'],
  ]
  for (const [args, hint] of rows) {
    const { code, err } = await runCommand(...args)
    t.equal(code, 2, args.join(' '))
    t.ok(err.includes(hint), err)
  }
})
