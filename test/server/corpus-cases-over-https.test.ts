/**
 * A sample of the recorded cases of every version through every entry point: a folder cluster served over HTTPS, a replay of
 * the capture made there, a server with its answer cache on, `inject -f` and a preview. Each must agree with the core: the
 * same code, the same pod. Needs the corpus beside the project. To add an entry point, add a row to ENTRY_POINTS.
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
/** Cases of each version. */
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

/** The answer of an entry point for one case, to the extent that it has one. */
interface Answer {
  readonly code?: string
  /** Where it was injected. */
  readonly pod?: JsonValue | undefined
  /** Digest of the patch, if that is all there is. */
  readonly patchDigest?: string | undefined
}

interface AskedCase {
  readonly one: InjectionCase
  /** The core's outcome; entry points use it only to group cases. */
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
  readonly caching: ServedFolder
  /** Of every command that reads the cluster. */
  readonly options: readonly string[]
}

interface EntryPoint {
  readonly name: string
  takes(one: InjectionCase): boolean
  /** By the cases' ids. */
  ask(question: Question): Promise<ReadonlyMap<string, Answer>>
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

const webhook: EntryPoint = {
  name: 'webhook',
  takes: () => true,
  async ask({ cases, served }) {
    return new Map(
      await Promise.all(cases.map(async (asked) => [asked.one.id, await post(served, asked)] as const)),
    )
  },
}

/** Asked often enough for an answer from the cache, if it can be cached. */
const cached: EntryPoint = {
  name: 'webhook, cached',
  takes: () => true,
  async ask({ cases, caching }) {
    const answers = cases.map(async (asked) => {
      await post(caching, asked)
      await post(caching, asked)
      return [asked.one.id, await post(caching, asked)] as const
    })
    return new Map(await Promise.all(answers))
  },
}

async function post(server: ServedFolder, { one }: AskedCase): Promise<Answer> {
  const { text } = await server.post(`/revisions/${revisionOf(one)}${one.path}`, bodyOf(one))
  const { response }: { response: { patch?: string; auditAnnotations: { code: string } } } = JSON.parse(text)
  const { patch, auditAnnotations } = response
  const operations = patch === undefined ? undefined : JSON.parse(Buffer.from(patch, 'base64').toString())
  const pod = operations === undefined ? undefined : applyPatch(podOf(one), operations)
  const patchDigest = operations === undefined ? undefined : digestJson(operations)
  return { code: auditAnnotations.code, pod, patchDigest }
}

/** What the server recorded of the first entry point, and `remora replay` reproduces. */
const replay: EntryPoint = {
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
    const answers = new Map<string, Answer>()
    for await (const input of readInputs([capture])) {
      if (input.kind !== 'line' || input.line.type !== 'review') continue
      const { review, outcome } = input.line
      const request = own(review, 'request')
      const { code, patchDigest } = outcome
      answers.set(String(isObject(request) ? own(request, 'uid') : ''), { code, patchDigest })
    }
    return answers
  },
}

/** Offline the path carries no environment, and a file's pods stand in the namespace that is given. */
const inject: EntryPoint = {
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

async function injectPatched(cases: readonly AskedCase[], question: Question): Promise<[string, Answer][]> {
  if (cases.length === 0) return []
  const { out, err } = await runInject(cases, question)
  const documents = out.split(/^---$/m).slice(0, -1)
  if (documents.length !== cases.length) throw new Error(err)
  return cases.map(({ one }, i) => [one.id, { pod: parseYaml(documents[i] ?? '', { source: one.id }) }])
}

/** The codes of those that are not injected, in the order of the file. */
async function injectNamed(
  cases: readonly AskedCase[],
  question: Question,
  line: RegExp,
): Promise<[string, Answer][]> {
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
const move: EntryPoint = {
  name: 'preview',
  takes: (one) => {
    const labels = own(objectOf(own(podOf(one), 'metadata')), 'labels')
    return inject.takes(one) && own(objectOf(labels), 'sidecar.istio.io/inject') !== 'false'
  },
  async ask({ cases, caching }) {
    const snapshot = caching.running.cluster.snapshot()
    const answers = cases.map(({ one }): [string, Answer] => {
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
    return new Map(answers)
  },
}

const ENTRY_POINTS: readonly EntryPoint[] = [webhook, replay, cached, inject, move]

/** The core's outcome, restricted to what the entry point returned. */
function expected({ outcome }: AskedCase, answered: Answer | undefined): Answer {
  const patched = outcome.kind === 'patched' ? outcome : undefined
  return {
    ...(answered?.code !== undefined && { code: outcome.code }),
    ...(answered !== undefined && 'pod' in answered && { pod: patched?.pod }),
    ...(answered !== undefined &&
      'patchDigest' in answered && {
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
  t.test(`${version}: ${SAMPLE} cases through every entry point are answered as by the core`, async (t) => {
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
        const everywhere = group.filter((one) => ENTRY_POINTS.every((entryPoint) => entryPoint.takes(one)))
        const sample = new Set([...spread(group, each), ...spread(everywhere, each + 4)])
        const cases = [...sample].map((one) => ({ one, outcome: answer(one, clusters) }))
        const caching = await serveFolder(t, cluster, options)
        for (const entryPoint of ENTRY_POINTS) {
          const taken = cases.filter(({ one }) => entryPoint.takes(one))
          const answers = await entryPoint.ask({
            cases: taken,
            folder,
            cluster,
            capture,
            served,
            caching,
            options,
          })
          for (const asked of taken) {
            const said = answers.get(asked.one.id)
            t.same(said, expected(asked, said), `${entryPoint.name}: ${asked.one.id}`)
            t.ok(
              said !== undefined && Object.values(said).some((value) => value !== undefined),
              'it was answered',
            )
          }
        }
        throughAll += cases.filter(({ one }) =>
          ENTRY_POINTS.every((entryPoint) => entryPoint.takes(one)),
        ).length
      })
    }
    t.ok(throughAll >= SAMPLE, `${throughAll} went through every entry point`)
  })
}
