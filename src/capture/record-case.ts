/**
 * Makes a recorded case (test/recorded/README.md) from a review, the cluster, and the answer of a running injector.
 * Nothing is redacted.
 */
import type { NamespaceFacts, Revision, RevisionConfig, Snapshot } from '../inject/index.ts'
import { isObject, type JsonObject, type JsonValue, own } from '../json/index.ts'
import { describeProxyConfig } from './describe-cluster.ts'
import { KEPT_ENVIRONMENT } from './redaction-table.ts'
import { patchedBy } from './replay-review.ts'

export interface AskedReview {
  /** The review as it was sent. */
  readonly path: string
  readonly review: JsonObject
  readonly object: JsonObject
  readonly snapshot: Snapshot
  readonly revision: string
}

/** The path of a review in the form of a case, or the reason why it cannot be recorded. */
export function readRecordedPath(path: string, revision: string): { readonly path: string } | string {
  const [, named, rest] = /^(?:\/revisions\/([^/]+))?(\/inject(?:\/.*)?)$/s.exec(path) ?? []
  if (rest === undefined)
    return `cases can be recorded only at /inject or /revisions/${revision}/inject, not at ${path}`
  if (named !== undefined && named !== revision)
    return `the review is for revision ${named}, but revision ${revision} is recorded`
  return { path: rest }
}

/** The case, or the reason why there is none. */
export function describeCase(asked: AskedReview, response: JsonObject | string): JsonObject | string {
  if (typeof response === 'string') return response
  const where = readRecordedPath(asked.path, asked.revision)
  if (typeof where === 'string') return where
  // istiod serves one revision and writes no audit annotations.
  if (!asked.path.startsWith('/revisions/') && own(response, 'auditAnnotations') !== undefined)
    return `the server is Remora, which chooses the revision by labels at /inject: give it as --server URL/revisions/${asked.revision}/inject`
  const expected = describeExpected(asked.object, response)
  if (typeof expected === 'string') return expected
  const { snapshot, revision } = asked
  const { response: _, ...body } = asked.review
  const config = snapshot.revisions.get(revision)?.config
  const environment = config === undefined ? {} : decidingEnvironment(config)
  return {
    config: revision,
    revision,
    ...(Object.keys(environment).length > 0 && { istiodEnv: environment }),
    nodes: describeNodes(snapshot, asked.object),
    namespaces: describeNamespaces(snapshot, body, asked.object),
    proxyConfigs: [...snapshot.proxyConfigs.values()].flat().map(describeProxyConfig),
    path: where.path,
    contentType: 'application/json',
    body,
    expected,
  }
}

function describeExpected(object: JsonObject, response: JsonObject): JsonObject | string {
  const httpStatus = 200
  if (own(response, 'allowed') !== true) {
    const status = own(response, 'status')
    const message = isObject(status) ? own(status, 'message') : undefined
    return { httpStatus, allowed: false, message: typeof message === 'string' ? message : '' }
  }
  if (own(response, 'patch') === undefined) return { httpStatus, allowed: true }
  const patchedPod = patchedBy(response, object)
  return patchedPod === undefined ? "the server's patch cannot be applied" : { httpStatus, patchedPod }
}

/** The texts of a revision's ConfigMaps, as in `configs/NAME.json`. */
export function describeConfig({ inputs }: RevisionConfig): JsonObject {
  const { injectorConfigMap, meshConfigMap } = inputs
  return {
    injectorConfig: injectorConfigMap.config ?? '',
    values: injectorConfigMap.values ?? '',
    mesh: meshConfigMap.mesh ?? '',
  }
}

/** The revision of a recording. @throws the result of `fail` if there is none */
export function recordedRevision(
  snapshot: Snapshot,
  name: string | undefined,
  fail: (reason: string) => Error,
): Revision & { readonly config: RevisionConfig } {
  const names = [...snapshot.revisions.keys()]
  const chosen = name ?? (names.length === 1 ? names[0] : undefined)
  const known = `revisions of the cluster: ${names.join(', ') || 'none'}`
  if (chosen === undefined)
    throw fail(`--revision is required, because the cluster does not have exactly one revision (${known})`)
  const revision = snapshot.revisions.get(chosen)
  if (revision === undefined) throw fail(`there is no revision ${chosen} (${known})`)
  const { config, problem } = revision
  if (config === undefined)
    throw fail(`revision ${chosen} has no usable configuration: ${problem?.message ?? 'it does not compile'}`)
  if (revision.versionEvidence === 'fingerprint' || revision.versionEvidence === 'assumed')
    throw fail(`the Istio release of revision ${chosen} is only a guess: set --istio-version X.Y.Z`)
  return { ...revision, config }
}

/** The variables that affect injection or occur in the templates. The others may be secret and change nothing. */
function decidingEnvironment({ inputs }: RevisionConfig): { readonly [name: string]: string } {
  const { config = '' } = inputs.injectorConfigMap
  const decides = (name: string) => KEPT_ENVIRONMENT.has(name) || config.includes(`"${name}"`)
  return Object.fromEntries([...inputs.environment].filter(([name]) => decides(name)))
}

/** The pod's own node, and one for each other kubelet version; further nodes make no difference. */
function describeNodes({ nodes }: Snapshot, object: JsonObject): readonly JsonObject[] {
  const assigned = textAt(object, 'spec', 'nodeName')
  const seen = new Set<string>()
  const described: JsonObject[] = []
  for (const [name, kubeletVersion] of nodes.versions) {
    if (seen.has(kubeletVersion) && name !== assigned) continue
    seen.add(kubeletVersion)
    described.push({ metadata: { name }, status: { nodeInfo: { kubeletVersion } } })
  }
  return described
}

/** The namespaces of the request and of the pod. */
function describeNamespaces(
  { namespaces }: Snapshot,
  review: JsonObject,
  object: JsonObject,
): readonly JsonObject[] {
  const names = new Set([textAt(review, 'request', 'namespace'), textAt(object, 'metadata', 'namespace')])
  return [...names].flatMap((name) => {
    const facts: NamespaceFacts | undefined = namespaces.get(name)
    if (facts === undefined) return []
    const [labels, annotations] = [Object.fromEntries(facts.labels), Object.fromEntries(facts.annotations)]
    return [{ metadata: { name, labels, annotations } }]
  })
}

function textAt(object: JsonObject, section: string, field: string): string {
  const inner = own(object, section)
  const value: JsonValue | undefined = isObject(inner) ? own(inner, field) : undefined
  return typeof value === 'string' ? value : ''
}
