/** `remora preview` from arguments to output and exit code. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { PREVIEW_KINDS } from '../../src/analysis/index.ts'
import { runCli } from '../../src/cli/index.ts'
import { previewCluster, workload } from './preview-cluster.ts'
import { runCommand } from './run-command.ts'

const previewIn = (folder: string) => async (args: readonly string[]) =>
  await runCommand('preview', '--cluster', folder, ...args)

t.test(
  'preview lists failures first, then gained sidecars, then shared and individual changes',
  async (t) => {
    const { code, out, err } = await previewIn(previewCluster(t))(['--to', 'canary'])
    t.equal(err, '')
    t.equal(code, 0)
    t.match(
      out,
      /^Preview: the current revisions -> revision canary \(Istio 1\.30\.3\)\n16 workloads in 8 namespaces\n/,
    )
    t.match(
      out,
      /Would still fail: 1 workload\n {2}annotation-invalid \(before: annotation-invalid\)\n.*\n {6}Deployment test-ns\/bad\n/,
    )
    t.match(out, / {2}revision-not-installed -> injected: .*\n {6}Deployment stranded\/mailer\n/)
    t.match(out, /^default \(1\.28\.3\) -> canary \(1\.30\.3\): 5 would change\n {2}For all 5\n/m)
    t.match(
      out,
      /^ {4}env .*~ spec\.initContainers\[istio-proxy\]\.env\[CA_ADDR\]\.value\n {18}- istiod\.istio-system\.svc:15012\n {18}\+ istiod-canary/m,
    )
    t.match(
      out,
      /^ {2}For 4 of 5\n {4}all but Deployment test-ns\/tuned\n {4}image +~ spec\.initContainers\[istio-init\]\.image: istio\/proxyv2:1\.28\.3 -> istio\/proxyv2:1\.30\.3\n/m,
    )
    t.match(out, /^1-29-2 \(1\.29\.2\) -> canary \(1\.30\.3\): 2 would change$/m)
    t.match(out, /Unchanged\n {4}Deployment payments\/ledger\n/)
    t.match(out, / {2}gone namespace-revision-ignored: .*\n {6}Deployment migrating\/orders\n/)
    t.match(out, / {2}1 host-network\n {6}DaemonSet test-ns\/node-agent\n/)
    t.match(out, / {2}kubectl label namespace test-ns istio-injection- istio\.io\/rev=canary\n/)
    t.match(out, / {2}kubectl label namespace checkout istio\.io\/rev=canary --overwrite\n/)
    t.match(
      out,
      / {2}set the label istio\.io\/rev=canary in the pod templates of\n {6}Deployment tools\/pinned\n/,
    )
    t.ok(
      out.indexOf('Would fail') < out.indexOf('Would gain') &&
        out.indexOf('Would gain') < out.indexOf('For all 5'),
    )
    t.notMatch(out, '\u001b')
  },
)

t.test('the exit code is 0 or 1 by the kinds of --fail-on, and 2 without a result', async (t) => {
  const folder = previewCluster(t)
  const run = previewIn(folder)
  t.equal((await run(['--to', 'canary', '--fail-on', 'refused,fault,lost'])).code, 0)
  const found = await run(['--to', 'canary', '--fail-on', 'refused,image,failing'])
  t.equal(found.code, 1)
  t.equal(found.err, 'remora: found by --fail-on: image (6), failing (1)\n')
  const wrong = [
    [
      ['--to', 'nowhere'],
      /--to: there is no revision or tag "nowhere"; known: revisions 1-29-2, canary, default; tags prod-stable/,
    ],
    [['--to', 'canary', '--from', 'old'], /--from: there is no revision or tag "old"; known: /],
    [['--to', 'canary', '-n', 'shoop'], /--namespace: there is no namespace "shoop"; known: .*payments/],
    [
      ['--to', 'canary', '--fail-on', 'images'],
      /--fail-on: "images" is not one or more of changed, .*, pod, separated by commas; did you mean image\?\n/,
    ],
    [['--to', 'canary', '-f', join(folder, 'none.yaml')], /there is no such file/],
    [
      ['--to', 'canary', '-f', join(folder, 'workloads.yaml'), '-n', 'other'],
      /has no workload of namespace other, only of checkout, /,
    ],
    [
      ['--to', 'canary', '-f', join(folder, 'namespaces.yaml')],
      /contains no pod, workload or AdmissionReview/,
    ],
    [['--to', 'canary', '--html', join(folder, 'no/such.html')], /ENOENT/],
    [[], /--to REV is missing/],
  ] as const
  for (const [args, message] of wrong) {
    const { code, out, err } = await run(args)
    t.match(err, message)
    t.equal(code, 2, args.join(' '))
    t.equal(out, '')
  }
})

t.test(
  'a cluster or namespace without workloads has nothing to preview, and the exit code says so',
  async (t) => {
    const folder = previewCluster(t, [])
    for (const name of readdirSync(folder).filter((file) => file.startsWith('control-plane-'))) {
      const planes = join(folder, name)
      writeFileSync(
        planes,
        readFileSync(planes, 'utf8')
          .replaceAll(/kind: (?:Deployment|DaemonSet)$/gm, 'kind: Other')
          .replaceAll(' template:', ' other:'),
      )
    }
    const run = previewIn(folder)
    const whole = await run(['--to', 'canary'])
    t.match(whole.err, /has no workload: nothing to preview/)
    t.equal(whole.code, 2)
    t.match(await run(['--to', 'canary', '-n', 'payments', '--fail-on', 'changed']), {
      code: 2,
      out: '',
      err: /^remora: namespace payments of --cluster .* has no workload: nothing to preview; choose another --namespace/m,
    })
  },
)

t.test('--namespace moves a namespace regardless of its labels', async (t) => {
  const run = previewIn(previewCluster(t))
  const whole = await run(['--to', 'canary', '--fail-on', 'gained', '-o', 'json'])
  t.same(JSON.parse(whole.out).failedOn, { gained: 1 })
  const { out, code } = await run(['--to', 'canary', '-n', 'legacy-apps', '--fail-on', 'gained'])
  t.equal(code, 1)
  t.match(out, /, in namespace legacy-apps\n1 workload in 1 namespace\n/)
  t.match(out, / {2}namespace-disabled -> injected: /)
  t.match(out, / {2}kubectl label namespace legacy-apps istio-injection- istio\.io\/rev=canary\n/)
})

t.test('--from compares two revisions; a tag is its revision', async (t) => {
  const run = previewIn(previewCluster(t))
  const { out } = await run(['--from', 'prod-stable', '--to', '1-29-2'])
  t.match(
    out,
    /^Preview: tag prod-stable \(revision 1-29-2, Istio 1\.29\.2\) -> revision 1-29-2 \(Istio 1\.29\.2\)\n/,
  )
  t.match(out, /^1-29-2 \(1\.29\.2\) -> 1-29-2 \(1\.29\.2\): 9 would not change$/m)
  const other = await run(['--from', 'default', '--to', 'canary', '-o', 'json'])
  t.match(JSON.parse(other.out), { from: 'default', to: 'canary', counts: { changed: 9 } })
})

t.test('preview -f reads a file or standard input instead of the cluster’s workloads', async (t) => {
  const folder = previewCluster(t)
  let out = ''
  const code = await runCli(['preview', '--to', 'canary', '--cluster', folder, '-f', '-', '-n', 'new'], {
    env: {},
    out: (text) => {
      out += text
    },
    err: (text) => t.fail(text),
    readStdin: async () => workload('new', 'first').replace('"namespace":"new"', '"labels":{}'),
  })
  t.equal(code, 0)
  t.match(out, / {2}no-labels -> injected: .*\n {6}Deployment new\/first\n/)
  t.match(out, /kubectl label namespace new istio\.io\/rev=canary\n/)
  const review = new URL(
    '../../examples/canary-upgrade/reviews/01-test-ns-web-deployment.json',
    import.meta.url,
  )
  const { out: reviewed } = await previewIn(folder)(['--to', 'canary', '-f', review.pathname])
  t.match(
    reviewed,
    /default \(1\.28\.3\) -> canary \(1\.30\.3\): 1 would change\n {2}For this workload\n {4}Pod test-ns\/web-/,
  )
})

t.test('JSON output has every workload, group and value', async (t) => {
  const { out, code } = await previewIn(previewCluster(t))([
    '--to',
    'canary',
    '-o',
    'json',
    '--fail-on',
    'image',
  ])
  t.equal(code, 1)
  const report = JSON.parse(out)
  t.match(report, {
    from: null,
    to: 'canary',
    namespace: null,
    failedOn: { image: 6 },
    counts: { changed: 7, same: 1, gained: 1, failing: 1, none: 6, refused: 0, lost: 0, fault: 0, fixed: 0 },
    failures: [
      {
        verdict: 'failing',
        code: 'annotation-invalid',
        reasons: [{ workloads: ['Deployment test-ns/bad'] }],
      },
    ],
    uncalled: [],
    ownLabels: ['Deployment tools/pinned'],
  })
  t.equal(report.workloads.length, 16)
  t.match(
    report.workloads.find(({ workload: name }: { workload: string }) => name === 'Deployment checkout/cart'),
    {
      namespace: 'checkout',
      verdict: 'changed',
      askedBy: 'namespace',
      called: true,
      before: {
        kind: 'patched',
        code: 'injected',
        revision: '1-29-2',
        tag: 'prod-stable',
        istioVersion: '1.29.2',
      },
      after: { kind: 'patched', code: 'injected', revision: 'canary' },
    },
  )
  const [move] = report.moves
  t.match(move, { before: { revision: 'default' }, after: { revision: 'canary' }, same: [] })
  t.match(
    move.groups[0].changes.find(
      ({ path }: { path: string }) => path === 'metadata.annotations["istio.io/rev"]',
    ),
    { area: 'metadata', before: 'default', after: 'canary' },
  )
  t.same(
    report.labels.find(({ namespace }: { namespace: string }) => namespace === 'migrating'),
    {
      namespace: 'migrating',
      changes: [{ name: 'istio-injection', from: 'enabled', to: null }],
      command: 'kubectl label namespace migrating istio-injection-',
      rollback: 'kubectl label namespace migrating istio-injection=enabled',
    },
  )
})

t.test('without the revision’s webhook configuration no webhook would be called', async (t) => {
  const folder = previewCluster(t)
  const webhooks = join(folder, 'control-plane-canary.yaml')
  writeFileSync(
    webhooks,
    readFileSync(webhooks, 'utf8')
      .replaceAll('istio.io/rev: canary', 'istio.io/rev: other')
      .replaceAll('values: ["canary"]', 'values: ["other"]'),
  )
  const page = join(folder, 'preview.html')
  const args = ['--to', 'canary', '-n', 'test-ns', '--fail-on', 'uncalled', '--html', page]
  const { out, code } = await previewIn(folder)(args)
  const html = readFileSync(page, 'utf8')
  t.match(html, '<li class="bad"><b>5</b>without a matching webhook</li>')
  t.equal(html.split('<span class="badge bad">no webhook</span>').length - 1, 5)
  t.match(out, /^ {2}5 of them without a matching webhook$/m)
  t.match(out, /^No webhook would be called: 5 workloads$/m)
  t.equal(code, 1)
})

t.test('preview prints colours on a terminal and quotes names for the shell', async (t) => {
  const folder = previewCluster(t)
  const name = "x'; rm -rf y"
  let out = ''
  await runCli(['preview', '--to', 'canary', '--cluster', folder, '-f', '-', '-n', name], {
    env: {},
    terminal: true,
    out: (text) => {
      out += text
    },
    err: () => undefined,
    readStdin: async () => workload(name, 'first'),
  })
  t.match(out, '\u001b[1mPreview: ')
  t.match(out, `kubectl label namespace 'x'\\''; rm -rf y' istio.io/rev=canary\n`)
})

t.test('the help of preview names every kind', async (t) => {
  const { out, code } = await runCommand('preview', '--help')
  t.equal(code, 0)
  const text = out.replace(/\s+/g, ' ')
  t.match(text, Object.keys(PREVIEW_KINDS).join(', '))
})
