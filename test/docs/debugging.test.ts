/** Runs what docs/debugging.md shows of `remora explain` and compares what is printed; a line `...` stands for any lines. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { runCli } from '../../src/cli/index.ts'

const root = resolve(import.meta.dirname, '../..')
const example = join(root, 'examples/canary-upgrade/cluster')

async function remora(args: readonly string[], stdin = ''): Promise<string> {
  let out = ''
  await runCli(args, {
    env: { COLUMNS: '100000' },
    out: (text) => {
      out += text
    },
    err: () => {},
    readStdin: async () => stdin,
  })
  return out
}

const workload = (namespace: string, name: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: ${name}, image: "${name}:1"}]}
`
const pod = (namespace: string, name: string) => `apiVersion: v1
kind: Pod
metadata:
  name: ${name}-6d5f9c7b8d-x2x4z
  generateName: ${name}-6d5f9c7b8d-
  namespace: ${namespace}
  labels: {app: ${name}, pod-template-hash: 6d5f9c7b8d}
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: ${name}-6d5f9c7b8d, controller: true}]
spec: {containers: [{name: ${name}, image: "${name}:1"}]}
`

t.test('what is printed is what the page shows', async (t) => {
  const cluster = t.testdir()
  cpSync(example, cluster, { recursive: true })
  const injected = await remora(['inject', '-f', '-', '--cluster', example], pod('migrating', 'orders'))
  const others = [workload('migrating', 'orders'), workload('stranded', 'mailer'), pod('stranded', 'mailer')]
  writeFileSync(join(cluster, 'workloads.yaml'), injected + others.join('---\n'))
  const page = readFileSync(join(root, 'docs/debugging.md'), 'utf8')
  const blocks = [...page.matchAll(/```console\n\$ remora (explain .*)\n([\s\S]*?)```/g)]
  t.ok(blocks.length >= 3)
  for (const [, command = '', shown = ''] of blocks) {
    const args = command
      .split(' ')
      .map((word) => (word === 'my-cluster' ? cluster : word.startsWith('test/') ? join(root, word) : word))
    const printed = await remora(args)
    const pattern = shown
      .split(/^\.\.\.\n|\.\.\.(?=\n)/m)
      .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('[\\s\\S]*?')
    t.match(printed, new RegExp(`^${pattern}$`), command)
  }
})
