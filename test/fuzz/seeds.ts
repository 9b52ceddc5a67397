/**
 * What fuzzing starts from: the project's own pods and reviews, its example cluster, and, where the corpus stands beside
 * the project, Istio's configurations and the bodies recorded there (read at run time). Not a test of its own.
 */
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FolderCluster } from '../../src/cluster/index.ts'
import { compileRevision, type RevisionInputs, type Snapshot } from '../../src/inject/index.ts'
import { parseIstioVersion } from '../../src/istio/index.ts'
import { isObject, type JsonObject, type JsonValue, own, parseYaml } from '../../src/json/index.ts'
import { snapshotOf } from '../inject/revision-fixture.ts'
import { findCorpus } from '../shared-corpus.ts'

const root = join(import.meta.dirname, '../..')
const corpus = findCorpus('istio') ?? ''

/** Pods of the examples, of test/cases and of a few corpus lines. */
export function seedPods(): readonly JsonObject[] {
  const pods: JsonObject[] = []
  for (const file of globSync('test/cases/*/pod.yaml', { cwd: root }).sort())
    keep(parseYaml(readFileSync(join(root, file), 'utf8')), pods)
  for (const file of globSync('examples/canary-upgrade/reviews/*.json', { cwd: root }).sort())
    keepReviewed(JSON.parse(readFileSync(join(root, file), 'utf8')), pods)
  for (const version of corpusVersions()) {
    for (const suite of ['one', 'again']) {
      const lines = readFileSync(join(corpus, version, `${suite}.jsonl`), 'utf8').split('\n')
      for (let i = 0; i < lines.length; i += 7) {
        const found: JsonValue = JSON.parse(lines[i] || 'null')
        if (isObject(found)) keepReviewed(own(found, 'body') ?? null, pods)
      }
    }
  }
  return pods
}

function keepReviewed(review: JsonValue, pods: JsonObject[]): void {
  const request = isObject(review) ? own(review, 'request') : undefined
  if (isObject(request)) keep(own(request, 'object') ?? null, pods)
}

function keep(value: JsonValue, pods: JsonObject[]): void {
  if (isObject(value) && isObject(own(value, 'spec') ?? null)) pods.push(value)
}

function corpusVersions(): readonly string[] {
  if (!existsSync(corpus)) return []
  return readdirSync(corpus).filter((name) => existsSync(join(corpus, name, 'meta.json')))
}

/** A configuration's texts, and the snapshot in which it serves alone. */
export interface SeedConfig {
  readonly name: string
  readonly inputs: RevisionInputs
  readonly snapshot: Snapshot
  /** Injecting twice gives the same: true of Remora's own profile, not of everything that Istio does. */
  readonly idempotent: boolean
}

/** The three revisions of the example cluster, and Istio's defaults of every version of the corpus. */
export async function seedConfigs(): Promise<readonly SeedConfig[]> {
  const cluster = new FolderCluster({
    folder: join(root, 'examples/canary-upgrade/cluster'),
    snapshot: { istiodEnv: [], istioVersions: [] },
  })
  await cluster.start(new AbortController().signal)
  const snapshot = cluster.snapshot()
  await cluster.close()
  const seeds: SeedConfig[] = []
  for (const { name, config } of snapshot.revisions.values()) {
    if (config === undefined) throw new Error(`the example revision ${name} does not serve`)
    const inputs = exampleInputs(name, config)
    seeds.push({ name: `example ${name}`, inputs, snapshot, idempotent: true })
  }
  for (const version of corpusVersions()) {
    const file = join(corpus, version, 'configs/default.json')
    const texts: { injectorConfig: string; values: string; mesh: string } = JSON.parse(
      readFileSync(file, 'utf8'),
    )
    const inputs = inputsOf(version, texts)
    seeds.push({
      name: `Istio ${version}`,
      inputs,
      snapshot: snapshotOf(compileRevision(inputs)),
      idempotent: false,
    })
  }
  return seeds
}

function exampleInputs(
  name: string,
  config: NonNullable<ReturnType<Snapshot['revisions']['get']>>['config'] & {},
): RevisionInputs {
  const suffix = name === 'default' ? '' : `-${name}`
  for (const file of globSync('examples/canary-upgrade/cluster/configmaps-*.yaml', { cwd: root }).sort()) {
    const texts = new Map<string, JsonObject>()
    for (const text of readFileSync(join(root, file), 'utf8').split(/^---$/m)) {
      const value = parseYaml(text)
      const metadata = isObject(value) ? own(value, 'metadata') : undefined
      const data = isObject(value) ? own(value, 'data') : undefined
      if (isObject(metadata) && isObject(data)) texts.set(String(own(metadata, 'name')), data)
    }
    const injector = texts.get(`istio-sidecar-injector${suffix}`)
    if (injector === undefined) continue
    return {
      ...inputsOf(config.version.text, {
        injectorConfig: String(own(injector, 'config')),
        values: String(own(injector, 'values')),
        mesh: String(own(texts.get(`istio${suffix}`) ?? {}, 'mesh') ?? ''),
      }),
      name,
      environment: config.environment,
    }
  }
  throw new Error(`no ConfigMap of the example revision ${name}`)
}

function inputsOf(
  versionText: string,
  texts: { readonly injectorConfig: string; readonly values: string; readonly mesh: string },
): RevisionInputs {
  const version = parseIstioVersion(versionText)
  if (version === undefined) throw new Error(`no version: ${versionText}`)
  return {
    name: 'default',
    namespace: 'istio-system',
    version,
    injectorConfigMap: { name: 'istio-sidecar-injector', config: texts.injectorConfig, values: texts.values },
    meshConfigMap: { name: 'istio', mesh: texts.mesh },
    environment: new Map(),
  }
}
