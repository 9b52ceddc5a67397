/**
 * All available clusters, each read once: the expected findings of the collected reports, and the same findings in
 * `explain` and `check`.
 */
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import {
  type CheckReport,
  type ClusterFacts,
  checkCluster,
  findMoveFindings,
  makeFinding,
  rules,
  subjectsOf,
} from '../../../src/analysis/index.ts'
import { explainNamespace } from '../../../src/cli/explain-namespace.ts'
import { findingsAbout } from '../../../src/cli/explain-pod.ts'
import { readStatusFindings } from '../../../src/cli/status-findings.ts'
import { nameOf, workloadKey } from '../../../src/dataplane/index.ts'
import { runCommand } from '../../cli/run-command.ts'
import { findShared } from '../../shared-corpus.ts'
import { type WatchedRule, watch } from './declared-codes.ts'
import { type ReadFolder, readFolder } from './folder-facts.ts'
import { reports } from './reports.ts'
import { isReported, serverWarnings } from './server-warnings.ts'

// Only a machine that has stopped takes this long.
t.setTimeout(1_200_000)

const examples = join(import.meta.dirname, '../../../examples')
const reported = findShared('reports')
const shared = [reported, findShared('company')].flatMap((path) => path ?? [])

function clustersBelow(folder: string): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true })
  if (basename(folder) === 'cluster' || entries.some(({ name }) => name === 'all.yaml')) return [folder]
  return entries.flatMap((entry) => (entry.isDirectory() ? clustersBelow(join(folder, entry.name)) : []))
}

/** A recorded install is one file. */
function installsIn(folder: string): readonly string[] {
  const copies = t.testdir()
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => dirname(file) !== '.')
    .map((file) => {
      const copy = join(copies, file, 'cluster')
      mkdirSync(copy, { recursive: true })
      copyFileSync(join(folder, file), join(copy, basename(file)))
      return copy
    })
}

const installs = findShared('corpus/installs')
const clusters = [
  ...[examples, ...shared].flatMap(clustersBelow),
  ...(installs === undefined ? [] : installsIn(installs)),
]

type Codes = ReadonlyMap<string, readonly string[]>

/** What a report says of each object. */
function codesByObject({ findings }: Pick<CheckReport, 'findings'>): Codes {
  const found = new Map<string, Set<string>>()
  for (const { code, where, objects = [where.object] } of findings)
    for (const object of objects) found.set(object, (found.get(object) ?? new Set()).add(code))
  return new Map([...found].map(([object, codes]) => [object, [...codes].sort()]))
}

const codesOf = (findings: readonly { readonly code: string }[]): readonly string[] =>
  [...new Set(findings.map(({ code }) => code))].sort()

/** The findings of everything in the namespace, as `explain namespace` reports them. */
async function explained(folder: ReadFolder, name: string): Promise<Map<string, readonly string[]>> {
  const facts = await folder.facts({ namespace: name })
  const cluster = { facts, objects: folder.objects }
  const { findings, pods, workloads } = await explainNamespace(name, cluster)
  const said = new Map([[`Namespace ${name}`, codesOf(findings)]])
  for (const one of [...pods, ...workloads]) said.set(one.subject.title, codesOf(one.findings))
  // Those with pods, as `explain` reports them individually.
  for (const workload of facts.workloads())
    if (workload.namespace === name && !said.has(workload.title))
      said.set(workload.title, codesOf(findingsAbout(workload, facts)))
  return said
}

/** The same as `check` says it: of a pod also what it says of the owner. */
function checked(facts: ClusterFacts, codes: Codes): Map<string, readonly string[]> {
  const { namespaces } = facts.snapshot
  const said = new Map(
    [...namespaces.keys()].map((name) => [`Namespace ${name}`, codes.get(`Namespace ${name}`) ?? []]),
  )
  for (const { title, namespace } of facts.workloads())
    if (namespaces.has(namespace)) said.set(title, codes.get(title) ?? [])
  for (const { title, namespace, workload } of subjectsOf('pod', facts)) {
    const ofOwner = workload === undefined ? [] : (codes.get(workload.title) ?? [])
    if (namespaces.has(namespace))
      said.set(title, [...new Set([...(codes.get(title) ?? []), ...ofOwner])].sort())
  }
  return said
}

/** A bare pod is a workload and a running pod; a preview is about its next pod. */
const isOfWorkload = (code: string): boolean =>
  !rules.some(({ subject, codes }) => subject === 'pod' && codes.some((one) => one === code)) ||
  rules.some(({ subject, codes }) => subject === 'workload' && codes.some((one) => one === code))

function sameLines(t: Test, said: Codes, expected: Codes): void {
  const lines = (codes: Codes) => [...codes].map(([title, found]) => `${title}: ${found.join(', ')}`).sort()
  t.same(lines(said), lines(expected))
}

for (const path of clusters) {
  const name = basename(dirname(path))
  t.test(`${name}/${basename(path)}`, async (t) => {
    const folder = await readFolder(path)
    const facts = await folder.facts()
    const report = checkCluster(facts)
    const codes = codesByObject(report)
    const said = new Map<string, readonly string[]>()
    for (const namespace of facts.snapshot.namespaces.keys())
      for (const [title, found] of await explained(folder, namespace)) said.set(title, found)
    sameLines(t, said, checked(facts, codes))

    const unreported = facts.workloads().flatMap((one) =>
      serverWarnings(one, facts)
        .filter((warning) => !isReported(warning, one.title, report))
        .map((warning) => `${one.title}: ${warning}`),
    )
    t.same(unreported, [], 'each warning of the server, in the same words')

    const status = await readStatusFindings(folder)
    const rows = facts
      .workloads()
      .map((one) => [one.title, status.ofWorkload(workloadKey(nameOf(one.object))).codes] as const)
    const ofCheck = rows.map(([title]) => [title, codes.get(title) ?? []] as const)
    sameLines(t, new Map(rows.map(([title, found]) => [title, [...found].sort()])), new Map(ofCheck))

    const [target] = facts.snapshot.revisions.keys()
    if (target !== undefined) {
      const moved = await folder.facts({ target })
      const named = codesByObject(checkCluster(moved))
      const workloads = facts
        .workloads()
        .map(({ title }) => [title, (named.get(title) ?? []).filter(isOfWorkload)] as const)
      const previewed = codesByObject({ findings: findMoveFindings(moved.workloads(), moved) })
      const found = workloads.map(([title]) => [title, previewed.get(title) ?? []] as const)
      sameLines(t, new Map(found), new Map(workloads))
    }

    const { says = [], not = [], mentions = [] } = reports[name] ?? {}
    for (const line of says) {
      const [code = '', object = ''] = line.split(': ')
      t.ok(codes.get(object)?.includes(code), line)
    }
    const found = report.findings.map(({ code }) => code)
    for (const code of not)
      t.notOk(
        found.some((one) => one === code),
        `no ${code}`,
      )
    const messages = report.findings.map(({ message }) => message).join('\n')
    for (const part of mentions) t.ok(messages.includes(part), part)
  })
}

t.test('a rule that reports an undeclared code fails', async (t) => {
  const rule: WatchedRule = {
    subject: 'pod',
    codes: ['called-twice'],
    find: () => [makeFinding('tag-unknown', { where: { object: 'a' }, message: 'b', expected: 'c' })],
  }
  watch(rule)
  t.throws(() => rule.find(), /a rule of pod reports tag-unknown, but declares called-twice/)
})

t.test(
  'the commands report the findings of the collected reports',
  { skip: reported === undefined },
  async (t) => {
    const run = (command: string, folder: string) =>
      runCommand(...command.split(' '), '--cluster', join(reported ?? '', folder, 'cluster'))
    const pods = await run('explain namespace shop', 'XX2-rs')
    t.equal(pods.code, 1)
    t.match(pods.out, /^Deployment dur +no pods +annotation-invalid/m)
    const gateway = await run('explain namespace edge', 'M4-kubegateway')
    t.equal(gateway.code, 0)
    t.match(gateway.out, /gateway of revision default, not by injection/)
    t.match((await run('explain namespace edge2', 'M3-gatewaypod')).out, /not injected \(image auto\)/)
    t.match((await run('explain namespace shop', 'C-sail551')).out, /namespace-not-called/)
    t.notMatch((await run('explain namespace shop', 'C-sail551')).out, /revision-not-installed/)
    t.match(
      (await run('explain rollout shop/ro', 'QQ-rollouts1341')).out,
      /^Rollout shop\/ro: a new pod gets a sidecar/,
    )
    const file = join(reported ?? '', 'NSF-samefile/app.yaml')
    const sameFile = await run(`preview --to default -f ${file} --fail-on failing,uncalled`, 'NSUNK')
    const preview = await run('preview --to default', 'G2-mixed-managed')
    t.match(preview.out, /2 would move from a control plane outside the cluster/)
    t.match(
      preview.out,
      /calls https:\/\/mesh.example.com:443\S* for revision asm-managed, whose configuration is not/,
    )
    t.notMatch(preview.out, /would gain|without a sidecar\.|remove the webhook/i)
    const named = await run('preview --to asm-managed', 'G2-mixed-managed')
    t.match(named.err, /"asm-managed" is served from outside the cluster/)
    t.equal(sameFile.code, 1)
    t.match(sameFile.out, /Would still fail: 1 workload[\s\S]*Deployment nowhere\/cart/)
  },
)
