/**
 * The seeds of fuzzing: the project's own pods and reviews, its example cluster, and, if the corpus exists beside
 * the project, Istio's configurations and the bodies recorded there (read at run time). Not a test.
 */
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseManifest } from '../../src/cluster/manifest.ts'
import type { RevisionInputs, Snapshot } from '../../src/inject/index.ts'
import { parseIstioVersion } from '../../src/istio/index.ts'
import { isObject, type JsonObject, type JsonValue, own, parseYaml } from '../../src/json/index.ts'
import { buildSnapshot, compileRevision } from '../../src/revisions/index.ts'
import { snapshotOf } from '../inject/revision-fixture.ts'
import { findCorpus } from '../shared-corpus.ts'
import type { FuzzInput } from './fuzz-target.ts'

const root = join(import.meta.dirname, '../..')
const corpus = findCorpus('istio') ?? ''

/** Pods of the examples, of test/cases and of a few corpus lines. */
function seedPods(): readonly JsonObject[] {
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

/** What fuzzing starts from, as JSON: a process that runs a bundle finds no files. */
export interface SeedTexts {
  readonly pods: readonly JsonObject[]
  /** Of the example cluster. */
  readonly objects: readonly JsonObject[]
  /** Istio's defaults of each version of the corpus. */
  readonly defaults: readonly DefaultTexts[]
}

interface DefaultTexts {
  readonly version: string
  readonly injectorConfig: string
  readonly values: string
  readonly mesh: string
}

export function readSeeds(): SeedTexts {
  const files = globSync('examples/canary-upgrade/cluster/*.yaml', { cwd: root }).sort()
  return {
    pods: seedPods(),
    objects: files.flatMap((file) =>
      parseManifest(file, readFileSync(join(root, file), 'utf8')).map(({ object }) => object),
    ),
    defaults: corpusVersions().map((version) => {
      const { injectorConfig, values, mesh }: Omit<DefaultTexts, 'version'> = JSON.parse(
        readFileSync(join(corpus, version, 'configs/default.json'), 'utf8'),
      )
      return { version, injectorConfig, values, mesh }
    }),
  }
}

/** A configuration's texts, and a snapshot in which it serves. */
export interface SeedConfig {
  readonly name: string
  readonly inputs: RevisionInputs
  readonly snapshot: Snapshot
  /** Injecting twice gives the same: true of Remora's own profile, not of everything that Istio does. */
  readonly idempotent: boolean
}

/** The pods, and as configurations the revisions of the example cluster and Istio's defaults of each version. */
export function compileSeeds({ pods, objects, defaults }: SeedTexts): FuzzInput {
  const plain = objects.map((object) => ({ object }))
  const { snapshot } = buildSnapshot(plain, { istiodEnv: [], istioVersions: [] }, undefined)
  const examples = [...snapshot.revisions.values()].map(({ name, config }): SeedConfig => {
    if (config === undefined) throw new Error(`the example revision ${name} does not serve`)
    return { name: `example ${name}`, inputs: config.inputs, snapshot, idempotent: true }
  })
  const ofIstio = defaults.map((texts): SeedConfig => {
    const inputs = inputsOf(texts)
    const name = `Istio ${texts.version}`
    return { name, inputs, snapshot: snapshotOf(compileRevision(inputs)), idempotent: false }
  })
  return { pods, configs: [...examples, ...ofIstio] }
}

function inputsOf({ version: text, injectorConfig, values, mesh }: DefaultTexts): RevisionInputs {
  const version = parseIstioVersion(text)
  if (version === undefined) throw new Error(`no version: ${text}`)
  return {
    name: 'default',
    namespace: 'istio-system',
    version,
    injectorConfigMap: { name: 'istio-sidecar-injector', config: injectorConfig, values },
    meshConfigMap: { name: 'istio', mesh },
    environment: new Map(),
  }
}
