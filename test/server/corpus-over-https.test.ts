/**
 * Reviews that a real istiod answered, sent to one Remora over HTTPS: several revisions in one server, interleaved
 * requests, refusals among them. Needs the corpus beside the project.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import jsonPatch from 'fast-json-patch'
import t from 'tap'
import type { JsonObject } from '../../src/json/index.ts'
import { comparePods, showDifferences } from '../conformance/compare-pods.ts'
import { differenceOf } from '../conformance/istio-differences.ts'
import { findCorpus, skipWithoutCorpus } from '../shared-corpus.ts'
import { serveFolder, writeCluster } from './serve-folder.ts'

const corpus = findCorpus('istio/1.30.3') ?? ''

interface Case {
  readonly id: string
  readonly config: string
  readonly revision: string
  readonly nodes: readonly JsonObject[]
  readonly path: string
  readonly body: { readonly request: { readonly uid: string; readonly object: JsonObject } }
  readonly expected: { readonly allowed: boolean; readonly patchedPod?: JsonObject }
}

function readSuite(name: string): Case[] {
  return readFileSync(join(corpus, `${name}.jsonl`), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Case => JSON.parse(line))
}

/** The ConfigMaps of each revision that the cases ask for, as a release installs them, and their Nodes. */
function clusterObjects(cases: readonly Case[]): object[] {
  const items: object[] = [...(cases[0]?.nodes ?? [])]
  for (const [revision, config] of new Map(cases.map((one) => [one.revision || 'default', one.config]))) {
    const texts: { injectorConfig: string; values: string; mesh: string } = JSON.parse(
      readFileSync(join(corpus, 'configs', `${config}.json`), 'utf8'),
    )
    const values: { global: { istioNamespace: string } } = JSON.parse(texts.values)
    const labels = { 'istio.io/rev': revision, 'app.kubernetes.io/version': '1.30.3' }
    const suffix = revision === 'default' ? '' : `-${revision}`
    for (const [name, data] of Object.entries({
      'istio-sidecar-injector': { config: texts.injectorConfig, values: texts.values },
      istio: { mesh: texts.mesh },
    })) {
      const metadata = { name: name + suffix, namespace: values.global.istioNamespace, labels }
      items.push({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data })
    }
    items.push(webhookOf(revision, values.global.istioNamespace))
  }
  return items
}

/** As an install makes it, so that the namespace counts for the revision. */
function webhookOf(revision: string, namespace: string): object {
  const service = { namespace, name: `istiod-${revision}` }
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: `istio-sidecar-injector-${revision}`, labels: { 'istio.io/rev': revision } },
    webhooks: [{ name: 'rev.namespace.sidecar-injector.istio.io', clientConfig: { service } }],
  }
}

interface Answer {
  readonly response: { readonly uid: string; readonly allowed: boolean; readonly patch?: string }
}

function verdict(found: Case, answer: Answer): string | undefined {
  const { uid, allowed, patch } = answer.response
  const { expected } = found
  const { request } = found.body
  if (uid !== request.uid) return `uid ${uid}`
  if (allowed !== expected.allowed) return `allowed ${allowed}`
  if ((patch === undefined) !== (expected.patchedPod === undefined)) return `patch ${patch}`
  if (patch === undefined || expected.patchedPod === undefined) return undefined
  const operations: jsonPatch.Operation[] = JSON.parse(Buffer.from(patch, 'base64').toString())
  const pod = jsonPatch.applyPatch(structuredClone(request.object), operations).newDocument
  const covers = differenceOf(found.id)?.covers ?? (() => false)
  const left = comparePods(pod, expected.patchedPod, request.object).filter(
    (difference) => !covers(difference),
  )
  return showDifferences(left).join('\n') || undefined
}

for (const suite of ['apiserver', 'revisions']) {
  t.test(`suite ${suite} over HTTPS`, { skip: skipWithoutCorpus('istio/1.30.3') }, async (t) => {
    const cases = readSuite(suite)
    const { post } = await serveFolder(t, writeCluster(t.testdir(), clusterObjects(cases)))
    const wrong: string[] = []
    // A step that has no factor in common with either suite's length: every case, in a mixed order.
    const mixed = cases.map((_, i) => cases[(i * 19) % cases.length])
    await Promise.all(
      mixed.map(async (one) => {
        if (one === undefined) return
        const path = `/revisions/${one.revision || 'default'}${one.path}`
        const body = JSON.stringify(one.body)
        const got = await post(path, body)
        // The second time the answer is remembered where it may be, from then on it comes from memory.
        for (let again = 0; again < 2; again++) {
          const { status, text } = await post(path, body)
          if (status !== got.status || text !== got.text)
            wrong.push(`${one.id}: another answer when it came again`)
        }
        const answer: Answer = JSON.parse(got.text)
        const problem = got.status === 200 ? verdict(one, answer) : `HTTP ${got.status} ${got.text}`
        const named = differenceOf(one.id)
        const explained = named !== undefined && named.covers === undefined
        if (problem !== undefined && !explained) wrong.push(`${one.id}: ${problem}`)
      }),
    )
    t.same(wrong, [])
  })
}
