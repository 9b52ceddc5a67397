/** `remora used-by`: the formats, the exit codes, unknown names, and an API server that does not allow everything. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runCli } from '../../src/cli/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { OBJECT_KINDS } from '../../src/kube/index.ts'
import { install, webhook, workload } from '../analysis/check/check-fixture.ts'
import { namespace, object } from '../revisions/cluster-objects.ts'
import { startLiveExample } from './live-example.ts'
import { runCommand } from './run-command.ts'

const ASKS = 'istiod-canary.istio-system.svc:15012'
const pod = (name: string) =>
  object(
    'v1',
    'Pod',
    {
      name,
      namespace: 'shop',
      annotations: { 'sidecar.istio.io/status': JSON.stringify({ revision: 'canary' }) },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', controller: true }],
    },
    {
      spec: {
        containers: [
          {
            name: 'istio-proxy',
            image: 'proxyv2',
            env: [{ name: 'PROXY_CONFIG', value: JSON.stringify({ discoveryAddress: ASKS }) }],
          },
        ],
      },
    },
  )
const tag = webhook({
  name: 'istio-revision-tag-prod',
  labels: { 'istio.io/rev': 'canary', 'istio.io/tag': 'prod' },
  service: 'istiod-canary',
  namespaceSelector: { matchLabels: { 'istio.io/rev': 'prod' } },
})
const plain = (objects: readonly ReturnType<typeof object>[]) =>
  objects.map((one) => one.object as JsonObject)

const folder = t.testdir()
const items = plain([
  ...install('default'),
  ...install('canary'),
  ...install('idle'),
  tag,
  namespace('shop'),
  namespace('bank', { 'istio.io/rev': 'prod' }),
  namespace('lost', { 'istio.io/rev': 'canary-old' }),
  namespace('old', { 'istio-injection': 'enabled' }),
  pod('db-0'),
  pod('db-1'),
  workload('Deployment bank/teller', 'bank'),
])
writeFileSync(join(folder, 'all.json'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
const usedBy = (...args: readonly string[]) => runCommand('used-by', ...args, '--cluster', folder)

t.test('in use: 1, with each kind, its effect and fix, and what no object shows', async (t) => {
  const { code, out, err } = await usedBy('canary')
  t.same([code, err], [1, ''])
  t.equal(out.split('\n')[0], 'revision canary is in use by 2 pods, 1 workload, 1 namespace label, 1 tag')
  t.match(
    out,
    `\nPods: 2 in 1 workload\n  shop/statefulset/db, 2 pods: asks ${ASKS}\n  effect  They keep running`,
  )
  t.match(out, '\n  bank/deployment/teller: it has no pods now; new ones would get it\n')
  t.match(out, '\n  namespace/bank: istio.io/rev=prod\n')
  t.match(out, '\n  tag/prod: defined by mutatingwebhookconfiguration/istio-revision-tag-prod\n')
  t.match(out, /\nObjects of this cluster do not show: machines outside of Kubernetes and proxies of other/)
  t.match(out, /\nThe folder has no [a-z, ]*validatingwebhookconfigurations/)
  const names = (await usedBy('canary', '-o', 'name')).out
  t.equal(names, 'shop/pod/db-0\nshop/pod/db-1\nbank/deployment/teller\nnamespace/bank\ntag/prod\n')
  const json = JSON.parse((await usedBy('canary', '-o', 'json')).out)
  t.match(json, {
    kind: 'revision',
    name: 'canary',
    installed: true,
    tags: ['prod'],
    verdict: 'in-use',
    counts: { pods: 2, workloads: 1, 'namespace-labels': 1, tags: 1 },
    dependants: [
      { kind: 'pods', object: 'shop/pod/db-0', group: 'shop/statefulset/db', why: `asks ${ASKS}` },
    ],
    removal: [],
    notRead: [],
  })
})

t.test('free: 0, with the commands; a tag; the list of all', async (t) => {
  const free = await usedBy('idle')
  t.equal(free.code, 0)
  t.match(free.out, /^nothing depends on revision idle: it may go\nIts control plane is in istio-system\.\n/)
  t.match(
    free.out,
    '\nRemove it in this order:\n  kubectl delete mutatingwebhookconfiguration istio-sidecar-injector-idle\n  kubectl delete service istiod-idle -n istio-system\n',
  )
  const ofTag = await usedBy('prod')
  t.equal(ofTag.code, 1)
  t.match(ofTag.out, /^tag prod is in use by 1 workload, 1 namespace label\nIt points to revision canary\.\n/)
  const { code, out } = await usedBy()
  t.equal(code, 0)
  t.match(
    out,
    /^4 of 5 revisions and tags are in use; idle may go\n\nNAME +INSTALLED +PODS +WORKLOADS +LABELS +OTHER +MAY GO\n/,
  )
  t.match(out, /\ncanary +1\.30\.3 +2 +1 +1 +1 +no\n/)
  t.match(out, /\ncanary-old +no +0 +0 +1 +0 +no\n/)
  t.match(out, /\nidle +1\.30\.3 +0 +0 +0 +0 +yes\n/)
  t.match(out, /\ntag\/prod +-> canary +0 +1 +1 +0 +no\n/)
  t.match(JSON.parse((await usedBy('-o', 'json')).out).revisions[0], { name: 'canary', verdict: 'in-use' })
  t.match((await usedBy('-o', 'name')).out, /^revision\/canary\n[\s\S]*tag\/prod\n$/)
})

t.test('names that are not known: 2, with the nearest one', async (t) => {
  for (const [word, near] of [
    ['canray', '; did you mean canary?'],
    ['prdo', '; did you mean prod?'],
    ['tag/canary', ''],
  ] as const) {
    const known = 'known: canary, canary-old, default, idle, prod'
    const err = `remora: there is no revision or tag "${word}"; ${known}${near}\n`
    t.same(await usedBy(word), { code: 2, out: '', err })
  }
  t.match(await usedBy('canary', 'default'), { code: 2, err: /expected used-by \[REVISION\|TAG\]/ })
})

t.test('lines have at most 80 characters', async (t) => {
  for (const name of ['canary', 'idle', '']) {
    let out = ''
    const add = (more: string) => {
      out += more
    }
    const args = ['used-by', ...(name === '' ? [] : [name]), '--cluster', folder]
    await runCli(args, { env: {}, err: add, readStdin: async () => '', out: add })
    t.same(
      // Commands stay on one line, so that they can be pasted.
      out.split('\n').filter((line) => line.length > 80 && !line.startsWith('  kubectl ')),
      [],
      name,
    )
  }
})

t.test('a file that cannot be read: 2', async (t) => {
  const broken = t.testdir({ 'broken.yaml': '{' })
  writeFileSync(join(broken, 'all.json'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  const { code, out } = await runCommand('used-by', 'idle', '--cluster', broken)
  t.equal(code, 2)
  t.match(out, /^whether revision idle may go is not known: [^\n]*\n[^\n]*\n\nnot known: broken\.yaml/)
})

const CORE = Object.values(OBJECT_KINDS)
  .filter((row) => !('extension' in row) && !('named' in row))
  .map(({ apiVersion, plural }) => `/${apiVersion === 'v1' ? 'api' : 'apis'}/${apiVersion}/${plural}`)

t.test('live: without the right to list a kind the result is 2 and names it, never free', async (t) => {
  const api = await startLiveExample(t, CORE, items)
  const live = (...args: readonly string[]) =>
    runCommand('used-by', ...args, '--cluster', 'live', '-o', 'json')
  const free = await live('idle')
  t.equal(free.code, 0, free.out + free.err)
  t.match(JSON.parse(free.out), { verdict: 'free', notRead: [] })
  const gateways = '/apis/gateway.networking.k8s.io/v1/gateways'
  for (const path of ['/api/v1/pods', '/apis/batch/v1/cronjobs', gateways]) {
    const refuse = () =>
      api.fail({ status: 403, message: 'cannot list resource' }, (request) => request.path === path)
    refuse()
    const { code, out } = await live('idle')
    t.equal(code, 2, path)
    t.match(JSON.parse(out), {
      verdict: 'unknown',
      notRead: [new RegExp(`^cannot list [a-z0-9.]+: GET ${path}: 403 cannot list resource$`)],
      removal: [],
    })
    refuse()
    t.equal((await live()).code, 2)
    refuse()
    t.equal((await live('prod')).code, 1, 'what is found is in use')
  }
})
