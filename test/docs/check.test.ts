/** Runs the `remora check` examples of docs/check.md and compares their output; a line `...` matches any lines. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { runCommand } from '../cli/run-command.ts'
import { copyExample, EXAMPLE_FOLDERS, exampleWithMistakes } from '../example-cluster.ts'

const root = resolve(import.meta.dirname, '../..')
const example = exampleWithMistakes()

const WORKLOADS = `apiVersion: apps/v1
kind: Deployment
metadata: {name: ledger, namespace: payments}
spec:
  template:
    metadata: {labels: {app: ledger}}
    spec: {containers: [{name: ledger, image: "ledger:1"}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: crm, namespace: test-ns}
spec:
  template:
    metadata: {labels: {app: crm}, annotations: {sidecar.istio.io/proxyCPU: lots}}
    spec: {containers: [{name: crm, image: "crm:1"}]}
`

t.test('the page shows the real output', async (t) => {
  const folder = t.testdir()
  copyExample(join(folder, 'my-cluster'), EXAMPLE_FOLDERS)
  cpSync(example, join(folder, 'next'), { recursive: true })
  writeFileSync(join(folder, 'next/workloads.yaml'), WORKLOADS)
  const configMaps = readFileSync(join(example, 'configmaps-canary.yaml'), 'utf8')
  const mistaken = configMaps
    .replaceAll('.DeploymentMeta.Name | trunc', '.DeploymentMeta.Label | trunc')
    .replace('discoveryAddress:', 'discoveryAdress:')
  t.not(mistaken, configMaps)
  writeFileSync(join(folder, 'next/zz-next.yaml'), mistaken)

  const page = readFileSync(join(root, 'docs/check.md'), 'utf8')
  const blocks = [...page.matchAll(/```console\n\$ remora (check .*)\n([\s\S]*?)```/g)]
  t.equal(blocks.length, 2)
  for (const [, command = '', shown = ''] of blocks) {
    const args = command
      .split(' ')
      .map((word) => (['my-cluster', 'next'].includes(word) ? join(folder, word) : word))
    const { out, code } = await runCommand(...args)
    const pattern = shown
      .split(/^\.\.\.\n/m)
      .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('[\\s\\S]*?')
    t.match(out, new RegExp(`^${pattern}$`), command)
    t.equal(code, 1, command)
  }
})
