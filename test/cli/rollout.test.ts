/** `remora rollout`, and rollouts in `explain`, captures and `inject`: they decide as the server does. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ClusterDescriber } from '../../src/capture/describe-cluster.ts'
import { Redactor } from '../../src/capture/digest.ts'
import { SnapshotRebuilder } from '../../src/capture/rebuild-snapshot.ts'
import { inject } from '../../src/inject/index.ts'
import { parseYaml } from '../../src/json/index.ts'
import { podOfManifest } from '../../src/kube/index.ts'
import { parseRollout, percentThatIncludes, slotOf, workloadOf } from '../../src/rollout/index.ts'
import { answer, CLUSTER_FOLDER, exampleSnapshot, reviewOf } from '../capture/capture-fixture.ts'
import { runCommand } from './run-command.ts'

const workload = (kind: string, name: string, annotations = {}) => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name, namespace: 'test-ns' },
  spec: {
    template: {
      metadata: { labels: { app: name }, annotations },
      spec: { containers: [{ name: 'a', image: 'a' }] },
    },
  },
})
const CART = workload('Deployment', 'cart')
const DB = workload('StatefulSet', 'db')
const GATEWAY = workload('Deployment', 'gw', { 'inject.istio.io/templates': 'gateway' })
const SLOT = { cart: 8078, db: 1448 }
const status = JSON.stringify({ revision: 'default' })
/** Of the ReplicaSet of the Deployment cart. */
const RUNNING = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'cart-5d4f8-x7k2p',
    generateName: 'cart-5d4f8-',
    namespace: 'test-ns',
    labels: { app: 'cart', 'pod-template-hash': '5d4f8' },
    annotations: { 'sidecar.istio.io/status': status },
    ownerReferences: [
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'cart-5d4f8', uid: 'rs', controller: true },
    ],
  },
  spec: {
    containers: [
      { name: 'a', image: 'a' },
      { name: 'istio-proxy', image: 'p' },
    ],
  },
  status: { phase: 'Running' },
}
const REPLICA_SET = {
  ...workload('ReplicaSet', 'cart-5d4f8'),
  metadata: {
    name: 'cart-5d4f8',
    namespace: 'test-ns',
    uid: 'rs',
    ownerReferences: [
      { apiVersion: 'apps/v1', kind: 'Deployment', name: 'cart', uid: 'd', controller: true },
    ],
  },
}
const rollout = (percent: number | string) => ({
  apiVersion: 'remora.dev/v1alpha1',
  kind: 'RevisionRollout',
  metadata: { name: 'to-canary' },
  spec: { from: { revision: 'default' }, to: { revision: 'canary' }, percent },
})

const folder = t.testdir()
/** The example's cluster with these objects. */
function clusterWith(name: string, ...objects: readonly object[]): string {
  const path = join(folder, name)
  mkdirSync(path)
  cpSync(CLUSTER_FOLDER, path, { recursive: true })
  const text = objects.map((object) => JSON.stringify(object)).join('\n---\n')
  writeFileSync(join(path, 'more.yaml'), text)
  return path
}
const full = clusterWith('full', CART, DB, GATEWAY, REPLICA_SET, RUNNING, rollout(90))

t.test('plan prints an object that can be applied, and the workloads of each step', async (t) => {
  const cluster = ['--cluster', full]
  const { code, out } = await runCommand('rollout', 'plan', '--from', 'default', '--to', 'canary', ...cluster)
  t.equal(code, 0)
  const object = parseYaml(out, {})
  t.match(object, {
    metadata: { name: 'to-canary', annotations: { 'remora.dev/steps': '5,25,100' } },
    spec: { from: { revision: 'default' }, to: { revision: 'canary' }, percent: '0' },
  })
  t.equal(parseRollout(object as never).slots, 0)
  t.match(out, `#   none: the first workload moves at ${percentThatIncludes(SLOT.db)}%`)
  t.match(out, `#   StatefulSet test-ns/db (slot ${SLOT.db})`)
  t.match(out, /# left out: a gateway.*\n# {3}Deployment test-ns\/gw\n/)
  t.match(out, /# do not move, because the API server does not call Remora/)
  const json = await runCommand(
    'rollout',
    'plan',
    '--from',
    'default',
    '--to',
    'canary',
    '-o',
    'json',
    ...cluster,
  )
  t.match(JSON.parse(json.out).steps, [
    { percent: '5', workloads: 0, added: [] },
    { percent: '25', workloads: 1, added: ['StatefulSet test-ns/db'] },
    { percent: '100', workloads: 2, added: ['Deployment test-ns/cart'] },
  ])
})

t.test('status counts moved and stale workloads and prints the commands that restart them', async (t) => {
  const { code, out } = await runCommand('rollout', 'status', '-o', 'json', '--cluster', full)
  t.equal(code, 1)
  const [one] = JSON.parse(out).rollouts
  t.match(one, {
    name: 'to-canary',
    percent: '90',
    workloads: { total: 2, chosen: 2, moved: 0, mixed: 0, stale: 1 },
    stale: ['Deployment test-ns/cart'],
    restart: ['kubectl rollout restart deployment/cart --namespace test-ns'],
  })
  t.match(one.conditions, [
    { type: 'Degraded', status: 'True', reason: 'RemoraNotAsked' },
    { type: 'Progressing', status: 'True', reason: 'PodsStale' },
    { type: 'Ready', status: 'False' },
  ])
  t.match(
    (await runCommand('rollout', 'status', 'other', '--cluster', full)).err,
    /no RevisionRollout "other"/,
  )
})

t.test('invalid command lines are refused with a fix', async (t) => {
  const cluster = ['--cluster', full]
  for (const [args, message] of [
    [['plan', '--to', 'canary'], /needs --from and --to/],
    [['plan', '--from', 'default', '--to', 'prod'], /--to: "prod" is not a revision/],
    [['plan', '--from', 'nope', '--to', 'canary'], /--from: /],
    [['plan', '--from', 'default', '--to', 'canary', '--steps', '25,5'], /increasing percentages/],
    [['continue', 'to-canary'], /changes the live cluster/],
    [['back'], /needs the name/],
    [['undo'], /expected rollout plan\|status/],
  ] as const) {
    const { code, err } = await runCommand('rollout', ...args, ...cluster)
    t.equal(code, 2)
    t.match(err, message)
  }
})

t.test('explain names the slot and the percentage that moves the pod', async (t) => {
  const { out } = await runCommand('explain', 'deployment', 'test-ns/cart', '--cluster', full)
  t.match(
    out,
    `to-canary: to revision canary; slot ${SLOT.cart} of 10000, share 90%; it moves at 80.79% or more`,
  )
  const json = await runCommand('explain', 'deployment', 'test-ns/cart', '-o', 'json', '--cluster', full)
  t.match(JSON.parse(json.out), {
    rollouts: [{ name: 'to-canary', applies: true, slot: SLOT.cart, moves: true, movesFrom: '80.79' }],
    rollout: { name: 'to-canary', from: 'default', result: 'moved' },
    sidecar: { revision: 'canary' },
  })
  const lower = clusterWith('lower', CART, rollout('0.5'))
  const { out: not } = await runCommand('explain', 'deployment', 'test-ns/cart', '--cluster', lower)
  t.match(not, `slot ${SLOT.cart} of 10000, share 0.5%; 80.79% would move it to revision canary`)
})

t.test('a template and the pod of its controller have the same identity', async (t) => {
  const running = workloadOf(RUNNING, 'test-ns')
  t.same(workloadOf(podOfManifest(CART) ?? {}, 'test-ns'), running)
  t.equal(slotOf('to-canary', running), SLOT.cart)
})

t.test('a replay decides as the server did', async (t) => {
  const snapshot = await exampleSnapshot(full)
  for (const raw of [false, true]) {
    const describer = new ClusterDescriber({
      redactor: new Redactor(),
      raw,
      configurations: 'kept',
      inject: {},
    })
    const described = describer.describe(snapshot)
    const rebuilder = new SnapshotRebuilder()
    rebuilder.beginFile()
    for (const { text } of described.configurations) rebuilder.addConfiguration(JSON.parse(text))
    rebuilder.addCluster(JSON.parse(described.text))
    const review = { cluster: described.id, namespaces: {} }
    const rebuilt = rebuilder.rebuild(review as never)?.snapshot
    t.same(
      rebuilt?.rollouts?.map(({ rollout }) => ({ ...rollout, object: null })),
      snapshot.rollouts?.map(({ rollout }) => ({ ...rollout, object: null })),
    )
    const { request, outcome } = answer(reviewOf(podOfManifest(CART) ?? {}), snapshot)
    t.equal(outcome.decided?.rollout?.result, 'moved')
    const again = rebuilt && inject(request, { ...rebuilt, namespaces: snapshot.namespaces })
    t.same(again?.decided?.rollout, outcome.decided?.rollout)
    t.equal(again?.decided?.revision, 'canary')
  }
})

t.test('inject decides as the server does', async (t) => {
  const file = join(folder, 'cart.yaml')
  writeFileSync(file, JSON.stringify(CART))
  const { out } = await runCommand('inject', '-f', file, '--cluster', full)
  t.match(out, /istiod-canary/)
})

t.test('the help of one verb is its own', async (t) => {
  const helpOf = async (...words: readonly string[]) => {
    const { code, out } = await runCommand('rollout', ...words, '--help')
    t.equal(code, 0)
    const flags = [...out.matchAll(/^ {2}(?:-\w, )?--([a-z-]+)/gm)].map(([, flag]) => flag)
    return { out, own: flags.filter((flag) => OF_VERBS.has(flag ?? '')) }
  }
  const OF_VERBS = new Set(['from', 'to', 'steps', 'name', 'percent'])
  const plan = await helpOf('plan')
  t.match(plan.out, /^Usage: remora rollout plan --from REV --to REV \[options\]\n\n/m)
  t.same(plan.own, ['from', 'to', 'steps', 'name'])
  t.notMatch(plan.out, /plan: |rollout continue|Degraded/)
  t.match(plan.out, '--cluster DIR|live')
  t.same((await helpOf('back', 'to-canary')).own, ['percent'])
  const status = await helpOf('status')
  t.same(status.own, [])
  t.match(status.out, /\n {2}1 {3}a rollout has the condition Degraded\n/)
  const all = await helpOf()
  t.same(new Set(all.own), OF_VERBS)
  t.match(all.out, 'remora rollout back NAME')
  t.match(all.out, 'plan: the revision')
  t.equal((await runCommand('help', 'rollout', 'plan')).out, plan.out)
})
