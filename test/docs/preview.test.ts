/** Runs the examples of docs/preview.md, and compares its table of kinds with the code. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import t from 'tap'
import { PREVIEW_KINDS } from '../../src/analysis/index.ts'
import { previewCluster, workload } from '../cli/preview-cluster.ts'
import { runCommand } from '../cli/run-command.ts'

const page = readFileSync(resolve(import.meta.dirname, '../../docs/preview.md'), 'utf8')

const WORKLOADS = [
  workload('test-ns', 'web'),
  workload('test-ns', 'tuned', {
    annotations: { 'sidecar.istio.io/proxyImage': 'my/proxy:own' },
  }),
  workload('test-ns', 'db', { kind: 'StatefulSet', annotations: { 'sidecar.istio.io/proxyCPU': '333m' } }),
  workload('test-ns', 'node-agent', { kind: 'DaemonSet', spec: { hostNetwork: true } }),
  workload('test-ns', 'bad', { annotations: { 'status.sidecar.istio.io/port': 'nine' } }),
  workload('legacy-apps', 'crm'),
]

t.test('the page shows the real output', async (t) => {
  const cluster = previewCluster(t, WORKLOADS)
  const blocks = [...page.matchAll(/```console\n\$ remora (preview .*)\n([\s\S]*?)```/g)]
  t.equal(blocks.length, 2)
  for (const [, command = '', shown = ''] of blocks) {
    const args = command.split(' ').map((word) => (word === 'my-cluster' ? cluster : word))
    const { out, err } = await runCommand(...args)
    t.equal(out, shown)
    t.equal(err, '')
  }
})

t.test('the kinds of the page are those of --fail-on', async (t) => {
  const rows = [...page.matchAll(/^\| `([a-z]+)` \| (.*) \|$/gm)].map(([, kind, text]) => [kind, text])
  t.same(rows, Object.entries(PREVIEW_KINDS))
  const [, named = ''] = /--fail-on (\S+)/.exec(page) ?? []
  t.ok(named !== '' && named.split(',').every((kind) => Object.hasOwn(PREVIEW_KINDS, kind)))
})
