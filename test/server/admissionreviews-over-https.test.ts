/**
 * Reviews that a real API server sent, posted to `/inject`: the labels choose the revision. The same files, with and
 * without the answers, replay with the same cluster. Needs the corpus beside the project.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runCommand } from '../cli/run-command.ts'
import { findCorpus, skipWithoutCorpus } from '../shared-corpus.ts'
import { serveFolder, writeCluster } from './serve-folder.ts'

const reviews = findCorpus('admissionreviews') ?? ''
const installs = findCorpus('istio/1.30.3/configs') ?? ''
const skip = skipWithoutCorpus('admissionreviews') || skipWithoutCorpus('istio/1.30.3')

const NAMESPACES = {
  shop: { 'istio-injection': 'enabled' },
  payments: { 'istio.io/rev': 'canary' },
  both: { 'istio.io/rev': 'canary', 'istio-injection': 'enabled' },
  plain: {},
}

/** The default revision and `canary` with one release's own ConfigMaps, and the namespaces as they were labelled. */
function clusterObjects(): object[] {
  const configMaps = ['default', 'canary'].flatMap((revision) => {
    const [file, suffix] =
      revision === 'default' ? ['default.json', ''] : [`revision-${revision}.json`, `-${revision}`]
    const texts: { injectorConfig: string; values: string; mesh: string } = JSON.parse(
      readFileSync(join(installs, file), 'utf8'),
    )
    const labels = { 'istio.io/rev': revision, 'app.kubernetes.io/version': '1.30.3' }
    const configMap = (name: string, data: object) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: name + suffix, namespace: 'istio-system', labels },
      data,
    })
    return [
      configMap('istio-sidecar-injector', { config: texts.injectorConfig, values: texts.values }),
      configMap('istio', { mesh: texts.mesh }),
    ]
  })
  const namespaces = Object.entries(NAMESPACES).map(([name, labels]) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { ...labels, 'kubernetes.io/metadata.name': name } },
  }))
  return [...configMaps, ...namespaces]
}

interface Expectation {
  readonly code: string
  readonly revision?: string
  readonly webhook?: string
}

/** By file name, such as `033-create-shop-dry.json`: operation, namespace and pod. */
function expectation(file: string): Expectation {
  const [, operation = '', namespace = '', pod = ''] = /^\d+-([a-z]+)-([a-z]+)-([a-z]+)/.exec(file) ?? []
  const chosen = chooses(namespace, pod)
  if (pod === 'optout') return { code: 'pod-opted-out' }
  if (chosen === undefined) return { code: 'no-labels' }
  // What the pinned pod says of its proxy is no valid proxy config, as Istio finds too.
  const code = operation !== 'create' ? 'not-create' : pod === 'pinned' ? 'annotation-invalid' : 'injected'
  return { code, ...chosen }
}

function chooses(namespace: string, pod: string): Omit<Expectation, 'code'> | undefined {
  if (namespace === 'payments') return { revision: 'canary', webhook: 'rev.namespace' }
  if (namespace !== 'plain') return { revision: 'default', webhook: 'namespace' }
  if (pod === 'solo') return { revision: 'default', webhook: 'object' }
  return pod === 'pinned' ? { revision: 'canary', webhook: 'rev.object' } : undefined
}

interface Answer {
  readonly response: { readonly uid: string; readonly allowed: boolean; readonly patch?: string }
}

t.test('reviews of a real API server choose their revision by labels', { skip }, async (t) => {
  const folder = t.testdir()
  const cluster = writeCluster(folder, clusterObjects())
  const { running, post, lines } = await serveFolder(t, cluster)
  const files = readdirSync(reviews).filter((name) => /^\d.*\.json$/.test(name))
  t.ok(files.length > 30, 'there are reviews')
  const answered: string[] = []
  const codes: { [code: string]: number } = {}
  for (const file of files) {
    const body = readFileSync(join(reviews, file), 'utf8')
    const sent: { readonly request: { readonly uid: string } } = JSON.parse(body)
    const plain = await post('/inject', body)
    await post('/inject', body)
    const got = await post('/inject', body)
    t.equal(got.text, plain.text, 'from memory the same')
    const { response }: Answer = JSON.parse(got.text)
    answered.push(JSON.stringify({ ...sent, response }))
    const { code, revision, webhook }: Expectation = JSON.parse(lines.at(-1) ?? '{}')
    const expected = expectation(file)
    codes[code] = (codes[code] ?? 0) + 1
    t.same({ code, ...(revision && { revision }), ...(webhook && { webhook }) }, expected, file)
    t.equal(got.status, 200)
    t.equal(response.uid, sent.request.uid)
    t.equal(response.allowed, code !== 'annotation-invalid')
    t.equal(response.patch !== undefined, code === 'injected', 'a patch where it is injected')
    if (response.patch === undefined) continue
    const host = revision === 'default' ? 'istiod.istio-system.svc' : `istiod-${revision}.istio-system.svc`
    t.ok(Buffer.from(response.patch, 'base64').includes(`${host}:15012`), `its proxy asks ${host}`)
  }
  const metrics = await (await fetch(`${running.healthUrl}/metrics`)).text()
  const hits = /^remora_answer_cache_hits_total (\d+)$/m.exec(metrics)?.[1]
  // Nothing is kept of a denied pod. The patch of an injected gateway rewrites the container with the token's mount.
  const denied = codes['annotation-invalid'] ?? 0
  const gateways = files.filter((file) => /(?<!plain-)gateway/.test(file)).length
  t.ok(Number(hits) >= files.length - denied - gateways, `each third one is a cache hit: ${hits}`)

  const replayed = await runCommand('replay', reviews, '--cluster', cluster, '-o', 'json')
  t.match(JSON.parse(replayed.out), {
    reviews: files.length,
    unrecorded: files.length,
    differs: 0,
    errors: 0,
  })
  t.same(JSON.parse(replayed.out).codes, codes, 'a replay of the folder decides the same')
  writeFileSync(join(folder, 'answered.jsonl'), answered.join('\n'))
  const again = await runCommand('replay', join(folder, 'answered.jsonl'), '--cluster', cluster, '-o', 'json')
  t.match(JSON.parse(again.out), { reviews: files.length, same: files.length, differs: 0, unrecorded: 0 })
  t.equal(again.code, 0)
})
