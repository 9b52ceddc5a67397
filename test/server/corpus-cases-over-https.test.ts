/**
 * A sample of the recorded cases of every version through every way in: asked of a served folder cluster over HTTPS, as
 * captured there and replayed, remembered by a server that records nothing, of `inject -f` and of a preview. Each says what the engine says: the same code, the same pod. Needs the
 * corpus beside the project. A further way is one more row of WAYS.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { decodeReview, toInjectionRequest } from '../../src/admission/index.ts'
import { preview } from '../../src/analysis/index.ts'
import { digestJson } from '../../src/capture/digest.ts'
import { readInputs } from '../../src/capture/index.ts'
import type { Outcome } from '../../src/inject/index.ts'
import { isObject, type JsonObject, type JsonValue, own, parseYaml } from '../../src/json/index.ts'
import { applyPatch } from '../../src/jsonpatch/index.ts'
import { runCommand } from '../cli/run-command.ts'
import { answer, CaseClusters, type InjectionCase } from '../conformance/istio-injection.ts'
import { findCorpus } from '../shared-corpus.ts'
import { waitUntil } from '../wait-until.ts'
import { type ServedFolder, serveFolder, writeCluster } from './serve-folder.ts'

const corpus = findCorpus('istio') ?? ''
/** Of each version, through every way. */
const SAMPLE = 40
const GROUPS = 5

/** Cases that one server can answer, since they stand in the same cluster; the largest groups of each configuration first. */
function groupsOf(folder: string): (readonly InjectionCase[])[] {
  const groups = new Map<string, InjectionCase[]>()
  const suites = readdirSync(folder).filter((name) => name.endsWith('.jsonl') && name !== 'http.jsonl')
  for (const suite of suites.sort()) {
    for (const line of readFileSync(join(folder, suite), 'utf8').split('\n')) {
      if (line === '') continue
      const found: InjectionCase = JSON.parse(line)
      const { config, revision, istiodEnv, nodes, namespaces, proxyConfigs } = found
      const key = JSON.stringify([config, revision, istiodEnv, nodes, namespaces, proxyConfigs])
      groups.set(key, [...(groups.get(key) ?? []), found])
    }
  }
  const seen = new Set<string>()
  return [...groups.values()]
    .sort((a, b) => b.length - a.length)
    .filter(([first]) => first !== undefined && !seen.has(first.config) && seen.add(first.config))
}

/** What a way says of one case, as far as it says it. */
interface Told {
  readonly code?: string
  /** Where it was injected. */
  readonly pod?: JsonValue | undefined
  /** Of the patch, where only that is told. */
  readonly patchDigest?: string | undefined
}

interface AskedCase {
  readonly one: InjectionCase
  /** The engine's own, which no way is told of but to put those together that can be asked together. */
  readonly outcome: Outcome
}

interface Question {
  readonly cases: readonly AskedCase[]
  /** For files of its own. */
  readonly folder: string
  readonly cluster: string
  readonly capture: string
  readonly served: ServedFolder
  /** The same cluster, nothing recorded. */
  readonly remembering: ServedFolder
  /** Of every command that reads the cluster. */
  readonly options: readonly string[]
}

interface Way {
  readonly name: string
  takes(one: InjectionCase): boolean
  /** By the cases' ids. */
  ask(question: Question): Promise<ReadonlyMap<string, Told>>
}

const NAMESPACE = 'test-ns'

function requestOf(one: InjectionCase): JsonObject {
  const request = isObject(one.body) ? own(one.body, 'request') : undefined
  return isObject(request) ? request : {}
}

function podOf(one: InjectionCase): JsonObject {
  return objectOf(own(requestOf(one), 'object'))
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {}
}

/** Recorded reviews share their UIDs; with one of its own each is found again in a capture. */
function bodyOf(one: InjectionCase): string {
  if (!isObject(one.body)) throw new Error(`${one.id} has no review`)
  return JSON.stringify({ ...one.body, request: { ...requestOf(one), uid: one.id } })
}

const revisionOf = (one: InjectionCase): string => one.revision || 'default'

const webhook: Way = {
  name: 'webhook',
  takes: () => true,
  async ask({ cases, served }) {
    return new Map(
      await Promise.all(cases.map(async (asked) => [asked.one.id, await post(served, asked)] as const)),
    )
  },
}

/** Asked often enough to be answered from memory, where that may be. */
const memory: Way = {
  name: 'webhook, remembered',
  takes: () => true,
  async ask({ cases, remembering }) {
    const told = cases.map(async (asked) => {
      await post(remembering, asked)
      await post(remembering, asked)
      return [asked.one.id, await post(remembering, asked)] as const
    })
    return new Map(await Promise.all(told))
  },
}

async function post(server: ServedFolder, { one }: AskedCase): Promise<Told> {
  const { text } = await server.post(`/revisions/${revisionOf(one)}${one.path}`, bodyOf(one))
  const { response }: { response: { patch?: string; auditAnnotations: { code: string } } } = JSON.parse(text)
  const { patch, auditAnnotations } = response
  const operations = patch === undefined ? undefined : JSON.parse(Buffer.from(patch, 'base64').toString())
  const pod = operations === undefined ? undefined : applyPatch(podOf(one), operations)
  const patchDigest = operations === undefined ? undefined : digestJson(operations)
  return { code: auditAnnotations.code, pod, patchDigest }
}

/** What the server recorded of the first way, and `remora replay` finds again. */
const replay: Way = {
  name: 'replay',
  takes: () => true,
  async ask({ cases, capture, served: { running } }) {
    const metrics = async () => (await fetch(`${running.healthUrl}/metrics`)).text()
    const all = new RegExp(`^remora_capture_reviews_total ${cases.length}$`, 'm')
    await waitUntil('all records', async () => all.test(await metrics()))
    const report = await runCommand('replay', capture)
    if (
      report.code !== 0 ||
      !report.out.startsWith(`${cases.length} reviews: ${cases.length} same, 0 differ\n`)
    )
      throw new Error(report.out + report.err)
    const told = new Map<string, Told>()
    for await (const input of readInputs([capture])) {
      if (input.kind !== 'line' || input.line.type !== 'review') continue
      const { review, outcome } = input.line
      const request = own(review, 'request')
      const { code, patchDigest } = outcome
      told.set(String(isObject(request) ? own(request, 'uid') : ''), { code, patchDigest })
    }
    return told
  },
}

/** Offline the path carries no environment, and a file's pods stand in the namespace that is given. */
const inject: Way = {
  name: 'inject -f',
  takes: (one) =>
    one.path === '/inject' &&
    own(requestOf(one), 'namespace') === NAMESPACE &&
    own(requestOf(one), 'operation') === 'CREATE' &&
    own(podOf(one), 'kind') === 'Pod' &&
    own(podOf(one), 'apiVersion') === 'v1',
  async ask(question) {
    // One pod that is refused keeps the others of its file from being printed, and only those left alone are named.
    const of = (kind: Outcome['kind']) => question.cases.filter(({ outcome }) => outcome.kind === kind)
    return new Map([
      ...(await injectPatched(of('patched'), question)),
      ...(await injectNamed(of('skipped'), question, /^Pod [^:]*: not injected: ([a-z-]+): /gm)),
      ...(await injectNamed(of('refused'), question, /^Pod [^:]*: (?!note |not injected)([a-z-]+): /gm)),
    ])
  },
}

async function injectPatched(cases: readonly AskedCase[], question: Question): Promise<[string, Told][]> {
  if (cases.length === 0) return []
  const { out, err } = await runInject(cases, question)
  const documents = out.split(/^---$/m).slice(0, -1)
  if (documents.length !== cases.length) throw new Error(err)
  return cases.map(({ one }, i) => [one.id, { pod: parseYaml(documents[i] ?? '', { source: one.id }) }])
}

/** Of those that are not injected the code is told, in the order of the file. */
async function injectNamed(
  cases: readonly AskedCase[],
  question: Question,
  line: RegExp,
): Promise<[string, Told][]> {
  if (cases.length === 0) return []
  const { err } = await runInject(cases, question)
  const codes = Array.from(err.matchAll(line), ([, code = '']) => code)
  return cases.map(({ one }, i) => [one.id, { code: codes[i] ?? '' }])
}

function runInject(cases: readonly AskedCase[], { folder, cluster, options }: Question) {
  const file = join(folder, 'pods.yaml')
  writeFileSync(file, cases.map(({ one }) => `${JSON.stringify(podOf(one))}\n---\n`).join(''))
  const [first] = cases
  const revision = first === undefined ? 'default' : revisionOf(first.one)
  return runCommand(
    ...['inject', '-f', file, '--cluster', cluster, '--revision', revision, '-n', NAMESPACE],
    ...options,
  )
}

/** A move of the namespace to the revision; what opts out by its label stays out, whatever a path would say. */
const move: Way = {
  name: 'preview',
  takes: (one) => {
    const labels = own(objectOf(own(podOf(one), 'metadata')), 'labels')
    return inject.takes(one) && own(objectOf(labels), 'sidecar.istio.io/inject') !== 'false'
  },
  async ask({ cases, remembering }) {
    const snapshot = remembering.running.cluster.snapshot()
    const told = cases.map(({ one }): [string, Told] => {
      const review = decodeReview(Buffer.from(bodyOf(one)), 'application/json')
      if (review.kind === 'failure') throw new Error(review.message)
      const target = { by: 'labels' } as const
      const request = toInjectionRequest(review, { target, proxyEnv: new Map(), nowMs: 0, seed: 0 })
      const to = { name: revisionOf(one), namespaces: new Set([NAMESPACE]) }
      const report = preview(
        { workloads: [{ title: one.id, request }], from: undefined, to, webhooks: [], options: {} },
        snapshot,
      )
      const after = report.workloads[0]?.after
      return [
        one.id,
        after?.kind === 'patched' ? { code: after.code, pod: after.pod } : { code: after?.code ?? '' },
      ]
    })
    return new Map(told)
  },
}

const WAYS: readonly Way[] = [webhook, replay, memory, inject, move]

/** What the engine says, as far as the way does. */
function expected({ outcome }: AskedCase, told: Told | undefined): Told {
  const patched = outcome.kind === 'patched' ? outcome : undefined
  return {
    ...(told?.code !== undefined && { code: outcome.code }),
    ...(told !== undefined && 'pod' in told && { pod: patched?.pod }),
    ...(told !== undefined &&
      'patchDigest' in told && {
        patchDigest: patched && digestJson(patched.patch.map((operation) => ({ ...operation }))),
      }),
  }
}

function envOptions(found: InjectionCase): string[] {
  return Object.entries(found.istiodEnv ?? {}).flatMap(([name, value]) => [
    ...['--istiod-env', `${revisionOf(found)}:${name}=${value}`],
  ])
}

function spread<T>(items: readonly T[], count: number): readonly T[] {
  const stride = Math.max(1, Math.floor(items.length / count))
  return items.filter((_, i) => i % stride === 0).slice(0, count)
}

for (const version of existsSync(corpus) ? readdirSync(corpus) : []) {
  const corpusFolder = join(corpus, version)
  if (!existsSync(join(corpusFolder, 'meta.json'))) continue
  t.test(`${version}: ${SAMPLE} cases through every way are answered as by the engine`, async (t) => {
    const clusters = new CaseClusters(corpusFolder)
    const groups = groupsOf(corpusFolder).slice(0, GROUPS)
    const each = Math.ceil(SAMPLE / groups.length)
    let throughAll = 0
    for (const group of groups) {
      const [first] = group
      if (first === undefined) continue
      await t.test(first.config, async (t) => {
        // A socket's path must be short, which those of the test runner's folders are not.
        const folder = mkdtempSync(join(tmpdir(), 'remora-test-'))
        t.teardown(() => rmSync(folder, { recursive: true }))
        const [cluster, capture] = [writeCluster(folder, clusters.objects(first)), join(folder, 'capture')]
        const options = envOptions(first)
        const recording = ['--capture', capture, '--capture-raw']
        const served = await serveFolder(t, cluster, [...options, ...recording])
        const everywhere = group.filter((one) => WAYS.every((way) => way.takes(one)))
        const sample = new Set([...spread(group, each), ...spread(everywhere, each + 4)])
        const cases = [...sample].map((one) => ({ one, outcome: answer(one, clusters) }))
        const remembering = await serveFolder(t, cluster, options)
        for (const way of WAYS) {
          const taken = cases.filter(({ one }) => way.takes(one))
          const told = await way.ask({ cases: taken, folder, cluster, capture, served, remembering, options })
          for (const asked of taken) {
            const said = told.get(asked.one.id)
            t.same(said, expected(asked, said), `${way.name}: ${asked.one.id}`)
            t.ok(
              said !== undefined && Object.values(said).some((value) => value !== undefined),
              'it was told',
            )
          }
        }
        throughAll += cases.filter(({ one }) => WAYS.every((way) => way.takes(one))).length
      })
    }
    t.ok(throughAll >= SAMPLE, `${throughAll} went through every way`)
  })
}
