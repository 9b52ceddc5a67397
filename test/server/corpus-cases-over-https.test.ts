/**
 * A sample of the recorded cases of every version, asked of a served folder cluster over HTTPS: the server's answer is
 * the engine's own, patch for patch. Needs the corpus beside the project.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Outcome } from '../../src/inject/index.ts'
import { answer, CaseClusters, type InjectionCase } from '../conformance/istio-injection.ts'
import { findCorpus } from '../shared-corpus.ts'
import { serveFolder, writeCluster } from './serve-folder.ts'

const corpus = findCorpus('istio') ?? ''
const SAMPLE = 40

interface Group {
  readonly cases: InjectionCase[]
}

/** Cases that one server can answer, since they stand in the same cluster; the largest groups of each configuration first. */
function groupsOf(folder: string): Group[] {
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
    .map((cases) => ({ cases }))
}

function envOptions(found: InjectionCase): string[] {
  return Object.entries(found.istiodEnv ?? {}).flatMap(([name, value]) => [
    '--istiod-env',
    `${found.revision || 'default'}:${name}=${value}`,
  ])
}

/** What the answer says, in the terms of an outcome. */
function seen(outcome: Outcome): unknown {
  if (outcome.kind === 'patched') return { allowed: true, patch: outcome.patch }
  if (outcome.kind === 'skipped') return { allowed: true, patch: undefined }
  return { allowed: false, patch: undefined }
}

for (const version of existsSync(corpus) ? readdirSync(corpus) : []) {
  const folder = join(corpus, version)
  if (!existsSync(join(folder, 'meta.json'))) continue
  t.test(`${version}: ${SAMPLE} cases over HTTPS are answered as by the engine`, async (t) => {
    const clusters = new CaseClusters(folder)
    const groups = groupsOf(folder)
    const each = Math.ceil(SAMPLE / Math.min(groups.length, 5))
    let asked = 0
    for (const { cases } of groups.slice(0, 5)) {
      const [first] = cases
      if (first === undefined) continue
      await t.test(first.config, async (t) => {
        const cluster = writeCluster(t.testdir(), clusters.objects(first))
        const { post } = await serveFolder(t, cluster, envOptions(first))
        const stride = Math.max(1, Math.floor(cases.length / each))
        const sample = cases.filter((_, i) => i % stride === 0).slice(0, each)
        await Promise.all(
          sample.map(async (one) => {
            const path = `/revisions/${one.revision || 'default'}${one.path}`
            const body = JSON.stringify(one.body)
            await post(path, body)
            await post(path, body)
            // From memory, where the two before could be remembered.
            const got = await post(path, body)
            const { response }: { response: { allowed: boolean; patch?: string } } = JSON.parse(got.text)
            const patch =
              response.patch === undefined
                ? undefined
                : JSON.parse(Buffer.from(response.patch, 'base64').toString())
            t.same({ allowed: response.allowed, patch }, seen(answer(one, clusters)), one.id)
          }),
        )
        asked += sample.length
      })
    }
    t.ok(asked >= SAMPLE, `${asked} were asked`)
  })
}
