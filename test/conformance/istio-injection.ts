/**
 * The kind `istio-injection`: cases that a real istiod of one version answered. Each is a small cluster (ConfigMaps,
 * Nodes, Namespaces, ProxyConfigs) and a review. Both go through the product's own code, from discovery of the
 * revision to the patch, and the outcome is compared as the README of the corpus says.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { decodeReview, parseInjectPath, toInjectionRequest } from '../../src/admission/index.ts'
import { type InjectOptions, inject, type Outcome, type Snapshot } from '../../src/inject/index.ts'
import { equalJson, isObject, type JsonObject, type JsonValue, own } from '../../src/json/index.ts'
import { applyPatch } from '../../src/jsonpatch/index.ts'
import { type BuiltSnapshot, buildSnapshot } from '../../src/revisions/index.ts'
import { comparePods, type Difference, showDifferences } from './compare-pods.ts'
import { refusalNamesSame } from './compare-refusals.ts'
import { differenceOf } from './istio-differences.ts'
import { isRandomInIstio, RANDOM_IN_ISTIO } from './random-in-istio.ts'
import { readRecorded } from './read-recorded.ts'
import type { CaseResult, Suite, SuiteOptions } from './suite.ts'

export interface InjectionCase {
  readonly id: string
  readonly config: string
  readonly revision: string
  readonly istiodEnv?: { readonly [name: string]: string }
  readonly nodes?: readonly JsonObject[]
  readonly namespaces?: readonly JsonObject[]
  readonly proxyConfigs?: readonly JsonObject[]
  readonly path: string
  readonly contentType?: string
  readonly body?: JsonValue
  readonly rawBody?: string
  readonly patchBase?: 'resources' | 'typed'
  readonly expected: Expected
}

interface Expected {
  readonly httpStatus?: number
  readonly allowed?: boolean
  readonly message?: string
  readonly patchedPod?: JsonObject
  readonly panic?: string
}

export const suite: Suite = {
  kind: 'istio-injection',
  *run(folder: string, options: SuiteOptions): Iterable<CaseResult> {
    const cluster = new CaseClusters(folder)
    const files = readdirSync(folder).filter((name) => /\.jsonl(?:\.br)?$/.test(name))
    for (const file of files.sort()) {
      for (const line of readRecorded(join(folder, file)).split('\n')) {
        if (line === '') continue
        const found: InjectionCase = JSON.parse(line)
        if (options.caseId === undefined || options.caseId === found.id) yield runCase(found, cluster)
      }
    }
  },
}

function runCase(found: InjectionCase, clusters: CaseClusters): CaseResult {
  const verdict = judge(found, clusters)
  if (verdict.kind === 'answer') {
    const { problem } = verdict
    if (problem === undefined) return { id: found.id, passed: true }
    const named = differenceOf(found.id)
    const difference = named !== undefined && named.covers === undefined ? named.reason : undefined
    return {
      id: found.id,
      passed: difference !== undefined,
      detail: problem,
      ...(difference && { difference }),
    }
  }
  if (verdict.differences.length === 0) return { id: found.id, passed: true }
  const detail = showDifferences(verdict.differences).join('\n')
  const reasons = verdict.differences.map((one) => reasonFor(found, one))
  const difference = reasons[0]
  if (difference === undefined || reasons.includes(undefined)) return { id: found.id, passed: false, detail }
  return { id: found.id, passed: true, detail, difference }
}

/** Which named difference explains this one; undefined: none does. */
function reasonFor(found: InjectionCase, difference: Difference): string | undefined {
  const named = differenceOf(found.id)
  if (named !== undefined && named.covers?.(difference) !== false) return named.reason
  return isRandomInIstio(difference, objectOf(found)) ? RANDOM_IN_ISTIO : undefined
}

/** What is wrong with the product's answer: nothing, differences between two pods, or something else. */
type Verdict =
  | { readonly kind: 'pods'; readonly differences: readonly Difference[] }
  | { readonly kind: 'answer'; readonly problem: string | undefined }

function judge(found: InjectionCase, clusters: CaseClusters): Verdict {
  const { expected } = found
  const { snapshot } = clusters.build(found)
  const outcome = answerOn(found, snapshot, { specialize: false })
  // As often as it takes until templates are executed, followed and then remembered.
  const other = [1, 2, 3].map(() => answerOn(found, snapshot)).find((one) => !sameOutcome(one, outcome))
  const request = objectOf(found)
  const answered = (problem: string | undefined): Verdict => ({ kind: 'answer', problem })
  if (other !== undefined) return answered(`with remembered templates: ${describe(other)}, another outcome`)
  if (expected.patchedPod !== undefined) {
    if (outcome.kind !== 'patched') return answered(`expected a patch, got ${describe(outcome)}`)
    if (request === undefined || !equalJson(applyPatch(request, outcome.patch), outcome.pod))
      return answered('the patch does not give the pod that the outcome has')
    return { kind: 'pods', differences: comparePods(outcome.pod, expected.patchedPod, request) }
  }
  if (expected.allowed === true) {
    return answered(outcome.kind === 'skipped' ? undefined : `expected no patch, got ${describe(outcome)}`)
  }
  const message = expected.message ?? expected.panic ?? ''
  if (outcome.kind !== 'refused' && outcome.kind !== 'fault') {
    return answered(`expected a refusal (${message}), got ${describe(outcome)}`)
  }
  return answered(
    refusalNamesSame(message, outcome.message)
      ? undefined
      : `refused for another reason:\n  ours:    ${outcome.message}\n  Istio's: ${message}`,
  )
}

function describe(outcome: Outcome): string {
  return 'message' in outcome
    ? `${outcome.kind} ${outcome.code}: ${outcome.message}`
    : `${outcome.kind} ${outcome.code}`
}

function objectOf(found: InjectionCase): JsonObject | undefined {
  const body: JsonValue = found.body ?? readable(found.rawBody ?? '')
  const request = isObject(body) ? own(body, 'request') : undefined
  const object = isObject(request) ? own(request, 'object') : undefined
  return isObject(object) ? object : undefined
}

/** A raw body may be no JSON: that is what some cases are about. */
function readable(text: string): JsonValue {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function sameOutcome(a: Outcome, b: Outcome): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** The product's own outcome for a case, without a server. */
export function answer(found: InjectionCase, clusters: CaseClusters): Outcome {
  return answerOn(found, clusters.build(found).snapshot)
}

function answerOn(found: InjectionCase, snapshot: Snapshot, options?: InjectOptions): Outcome {
  const body = Buffer.from(found.rawBody ?? JSON.stringify(found.body))
  const review = decodeReview(body, found.contentType)
  if (review.kind === 'failure')
    return { kind: 'fault', code: review.code, message: review.message, notes: [] }
  const path = parseInjectPath(`/revisions/${found.revision || 'default'}${found.path}`)
  if (path === undefined) return { kind: 'fault', code: 'path-unknown', message: found.path, notes: [] }
  const request = toInjectionRequest(review, { ...path, nowMs: 0, seed: 0 })
  return inject(request, snapshot, options)
}

interface Kept {
  readonly configMaps: readonly JsonObject[]
  built: BuiltSnapshot | undefined
}

/** One cluster a configuration, revision and environment, so that each is compiled once. */
export class CaseClusters {
  readonly #folder: string
  readonly #istioVersion: string
  readonly #kept = new Map<string, Kept>()

  constructor(folder: string) {
    this.#folder = folder
    const meta: { readonly istioVersion: string } = JSON.parse(readRecorded(join(folder, 'meta.json')))
    this.#istioVersion = meta.istioVersion
  }

  build(found: InjectionCase): BuiltSnapshot {
    const revision = found.revision || 'default'
    const kept = this.#keptFor(found)
    const objects = this.objects(found).map((object) => ({ object }))
    const istiodEnv = Object.entries(found.istiodEnv ?? {}).map(([name, value]) => ({
      revision,
      name,
      value,
    }))
    // Where the configuration says that its control plane is.
    const namespaces = [...new Set(kept.configMaps.map(namespaceOf))]
    const trust = { namespaces, only: false }
    const built = buildSnapshot(objects, { istiodEnv, istioVersions: [], trust }, kept.built)
    kept.built = built
    const problem = built.snapshot.revisions.get(revision)?.problem
    if (problem !== undefined) throw new Error(`${found.config}: ${problem.message}`)
    return built
  }

  /** All objects of the case's cluster. */
  objects(found: InjectionCase): readonly JsonObject[] {
    return [
      ...this.#keptFor(found).configMaps,
      ...(found.nodes ?? []).map((node) => withKind(node, 'v1', 'Node')),
      ...(found.namespaces ?? []).map((namespace) => withKind(namespace, 'v1', 'Namespace')),
      ...(found.proxyConfigs ?? []).map((config) =>
        withKind(config, 'networking.istio.io/v1beta1', 'ProxyConfig'),
      ),
    ]
  }

  #keptFor(found: InjectionCase): Kept {
    const key = JSON.stringify([found.config, found.revision, found.istiodEnv ?? {}])
    const kept = this.#kept.get(key) ?? { configMaps: this.#configMaps(found), built: undefined }
    this.#kept.set(key, kept)
    return kept
  }

  /** As a release installs them: the suffix is the revision's name, 1.24 and later say their version in a label. */
  #configMaps(found: InjectionCase): readonly JsonObject[] {
    const file = join(this.#folder, 'configs', `${found.config}.json`)
    const texts: { readonly [key: string]: string } = JSON.parse(readRecorded(file))
    const values: { readonly global: { readonly istioNamespace: string } } = JSON.parse(
      texts['values'] ?? '{}',
    )
    const revision = found.revision || 'default'
    const suffix = revision === 'default' ? '' : `-${revision}`
    const minor = Number(/^1\.(\d+)/.exec(this.#istioVersion)?.[1] ?? 0)
    const labels = {
      'istio.io/rev': revision,
      ...(minor >= 24 && { 'app.kubernetes.io/version': this.#istioVersion }),
    }
    const configMap = (name: string, data: JsonObject): JsonObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `${name}${suffix}`, namespace: values.global.istioNamespace, labels },
      data,
    })
    return [
      configMap('istio-sidecar-injector', {
        config: texts['injectorConfig'] ?? '',
        values: texts['values'] ?? '',
      }),
      configMap('istio', { mesh: texts['mesh'] ?? '' }),
    ]
  }
}

function namespaceOf({ metadata }: JsonObject): string {
  return isObject(metadata) ? String(metadata['namespace']) : ''
}

/** Istio's own suites list objects without saying what they are. */
function withKind(object: JsonObject, apiVersion: string, kind: string): JsonObject {
  return { ...object, apiVersion, kind }
}
