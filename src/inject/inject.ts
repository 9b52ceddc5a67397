/**
 * The core: from one request and a snapshot of the cluster to an outcome. Pure and synchronous. It reads as its steps,
 * each of which is a file; no step calls the next.
 */
import type { ProxyConfig } from '../istio/index.ts'
import { cloneJson, isObject, type JsonObject, type MutableJsonObject, own } from '../json/index.ts'
import { diffJson } from '../jsonpatch/index.ts'
import { annotationOf, metadataOf, objectAt, specOf, textAt } from '../kube/index.ts'
import { finish, type Steps } from '../steps.ts'
import { refuseInjectedAnnotations, refuseKeptAnnotations } from './annotation-size.ts'
import { applyChanges } from './apply-changes.ts'
import { applyRollout } from './apply-rollout.ts'
import type { CodeOf } from './codes.ts'
import type { TemplateFacts } from './data/template-data.ts'
import { decideRevision } from './decide-revision.ts'
import { type DeployMeta, findWorkload } from './deploy-meta.ts'
import { cacheBytesOfRevision, type InjectOptions } from './inject-options.ts'
import { findLabelMistakes, metadataOfRequest } from './label-mistakes.ts'
import { findNameMistakes } from './name-mistakes.ts'
import { decideNativeSidecar } from './native-sidecar.ts'
import { dropSharedUser, proxyIds } from './openshift.ts'
import type { DecidedRevision, Note, Outcome } from './outcome.ts'
import { overlayTemplates } from './overlay.ts'
import {
  annotatedProxyConfig,
  type ClusterFacts,
  checkAnnotations,
  clusterFacts,
  podProxyConfig,
  readPod,
} from './pod-facts.ts'
import { cutPodText } from './pod-text.ts'
import { decidePolicy } from './policy.ts'
import { type PostContext, revisionLabel, runPostPasses, settleProxyEnv } from './post/index.ts'
import { proxyImage, proxyInitImage } from './proxy-image.ts'
import { reapplyContainers } from './reapply-containers.ts'
import { InjectionRefusal, refuseAs } from './refusal.ts'
import type { InjectionRequest } from './request.ts'
import { readOverrides, restorePod, STATUS } from './restore.ts'
import type { RevisionConfig } from './revision-config.ts'
import { selectTemplates } from './select-templates.ts'
import type { Snapshot } from './snapshot.ts'

/** The outcome for one request. Never throws because of a request's or the cluster's content. */
export function inject(request: InjectionRequest, snapshot: Snapshot, options: InjectOptions = {}): Outcome {
  return finish(injectInSteps(request, snapshot, options))
}

/** The same with pauses, so that a large pod does not delay others. */
export function* injectInSteps(
  request: InjectionRequest,
  snapshot: Snapshot,
  options: InjectOptions = {},
): Steps<Outcome> {
  const outcome = yield* outcomeOf(request, snapshot, options)
  yield
  return cutPodText(outcome, request.object)
}

function* outcomeOf(request: InjectionRequest, snapshot: Snapshot, options: InjectOptions): Steps<Outcome> {
  const metadata = metadataOfRequest(request)
  const podLabels = own(metadata, 'labels')
  const namespace = snapshot.namespaces.get(request.namespace)
  const question = {
    target: request.target,
    namespaceLabels: namespace?.labels,
    podLabels: isObject(podLabels) ? podLabels : undefined,
  }
  const decision = applyRollout(decideRevision(question, snapshot), request, snapshot)
  const decided = decision.kind === 'none' ? undefined : withConfiguration(decision.decided, snapshot)
  const config = decided === undefined ? undefined : snapshot.revisions.get(decided.revision)?.config
  yield
  const notes = [
    ...decision.notes,
    ...findLabelMistakes({ question, metadata, namespace, decided }, snapshot),
    ...findNameMistakes({ metadata, namespace, config }),
  ]
  yield
  if (decision.kind === 'fault') {
    const { code, message } = decision
    return { kind: 'fault', code, message, notes, ...(decided !== undefined && { decided }) }
  }
  const skip = checkReview(request) ?? (decision.kind === 'none' ? decision.code : undefined)
  if (skip !== undefined)
    return { kind: 'skipped', code: skip, notes, ...(decided !== undefined && { decided }) }
  if (decided === undefined || config === undefined) throw new Error('a chosen revision has a configuration')
  try {
    return yield* injectPod(request, { snapshot, options, config, decided, notes })
  } catch (error) {
    if (!(error instanceof InjectionRefusal)) throw error
    const { code, message, place } = error
    return { kind: 'refused', code, message, decided, notes, ...(place !== undefined && { place }) }
  }
}

/** Adds the release that the revision is treated as and the digest of its configuration, if it has one. */
function withConfiguration(decided: DecidedRevision | undefined, { revisions }: Snapshot): typeof decided {
  const config = decided && revisions.get(decided.revision)?.config
  if (config === undefined || decided === undefined) return decided
  return { ...decided, istioVersion: config.version.text, configuration: config.digest }
}

/** Istio would inject whatever it is sent; webhook configurations select the creation of pods only. */
function checkReview({ operation, kind, subResource }: InjectionRequest): CodeOf<'skipped'> | undefined {
  if (kind.group !== '' || kind.kind !== 'Pod' || subResource !== '') return 'not-a-pod'
  return operation === 'CREATE' ? undefined : 'not-create'
}

/** What does not change once the revision is chosen. */
interface Situation {
  readonly snapshot: Snapshot
  readonly options: InjectOptions
  readonly config: RevisionConfig
  readonly decided: DecidedRevision
  /** The steps add to it. */
  readonly notes: Note[]
}

/**
 * The pod has three forms. `request.object` is the pod as it was sent. `original` is the same pod in Go's types, as the
 * control plane injects it. `draft` is the injected pod in Go's types. At the end, the changes from `original` to
 * `draft` are applied to `request.object`.
 */
function* injectPod(request: InjectionRequest, situation: Situation): Steps<Outcome> {
  const { snapshot, options, config, decided, notes } = situation
  refuseKeptAnnotations(metadataOfRequest(request), config)
  yield
  const sent = readPod(request)
  yield
  const policy = decidePolicy(sent, config)
  notes.push(...policy.notes)
  if (policy.skip !== undefined) return { kind: 'skipped', code: policy.skip, decided, notes }

  const { original, workload, proxyEnv, cluster } = settlePod(sent, request, situation)
  const learned: (() => void)[] = []
  const kept = {
    cache: config.useCache(cacheBytesOfRevision(options, snapshot.revisions)),
    tenant: snapshot.namespaces.has(request.namespace) ? request.namespace : '',
    later: (keep: () => void) => void learned.push(keep),
  }
  const { proxyConfig, number: proxyConfigNumber } = podProxyConfig(original, snapshot, kept)
  checkAnnotations(original, config)
  yield
  const earlierOverrides = refuseAs('overrides-invalid', 'annotation proxy.istio.io/overrides', () =>
    readOverrides(original),
  )
  yield
  const nativeSidecars = decideNative(original, cluster, situation)
  const pod = restorePod(original, earlierOverrides, config)
  const facts = templateFacts({ pod, workload, proxyConfig, nativeSidecars, cluster }, config)
  yield
  const overlaid = yield* overlayTemplates(original, {
    config,
    templates: selectTemplates(config.injector, annotationOf(original, 'inject.istio.io/templates')),
    data: { ...facts, proxyConfigNumber },
    specialize: options.specialize === false ? undefined : kept,
    nativeSidecars,
    request,
    limits: options.templateLimits,
  })
  const tproxy = proxyConfig.interceptionMode === 1
  const draft = {
    ...refuseAs('overlay-failed', 'an overridden container could not be merged', () =>
      reapplyContainers(overlaid, { original, earlierOverrides, config, tproxy }),
    ),
  } as MutableJsonObject // the root is a new object; the passes copy what they change
  yield
  runPasses(draft, { original, template: overlaid.template, proxyEnv }, situation)
  yield
  refuseInjectedAnnotations(objectAt(metadataOf(draft), 'annotations'))
  yield
  const injected = applyChanges(request.object, original, draft)
  yield
  const code = annotationOf(original, STATUS) === undefined ? 'injected' : 'reinjected'
  const patch = diffJson(request.object, injected)
  // Nothing is kept of a refused pod, which has thrown by now.
  for (const keep of learned) keep()
  return { kind: 'patched', code, patch, pod: injected, decided, notes, constants: kept.cache.constants }
}

interface SettledPod {
  /** The pod as the control plane injects it. */
  readonly original: JsonObject
  readonly workload: DeployMeta
  readonly proxyEnv: ReadonlyMap<string, string>
  readonly cluster: ClusterFacts
}

/** Finds the pod's workload, cluster and network. In some releases, and on OpenShift, this changes the pod itself. */
function settlePod(
  sent: JsonObject,
  { proxyEnv: pathEnv }: InjectionRequest,
  { snapshot, config }: Situation,
): SettledPod {
  const podLabels = objectAt(metadataOf(sent), 'labels')
  const proxyEnv = settleProxyEnv({ pathEnv, values: config.values.facts, podLabels })
  const { meta: workload, pod } = findWorkload(sent, config.gates)
  const cluster = clusterFacts(pod, proxyEnv, snapshot, config)
  const resets = config.openShift && config.gates.openShiftRunAsUserReset
  return { original: resets ? dropSharedUser(pod, config.gates) : pod, workload, proxyEnv, cluster }
}

function decideNative(pod: JsonObject, { nodes }: ClusterFacts, { config, notes }: Situation): boolean {
  const nodeName = textAt(specOf(pod), 'nodeName')
  const { native, nodeUnknown } = decideNativeSidecar(config.nativeSidecars, nodes, nodeName)
  if (nodeUnknown)
    notes.push({
      code: 'node-unknown',
      message: `node ${nodeName} is not known, so all nodes were considered`,
    })
  const own = annotationOf(pod, 'sidecar.istio.io/nativeSidecar')
  if (nodes === undefined && config.nativeSidecars === 'auto' && own !== 'true' && own !== 'false')
    notes.push({
      code: 'remote-cluster-nodes-unknown',
      message: `the path names a cluster other than ${config.clusterName}, whose nodes are not known, so the pod gets an ordinary sidecar`,
    })
  return native
}

interface Rendering {
  /** As the templates see it: without an earlier injection. */
  readonly pod: JsonObject
  readonly workload: DeployMeta
  readonly proxyConfig: ProxyConfig
  readonly nativeSidecars: boolean
  readonly cluster: ClusterFacts
}

function templateFacts(rendering: Rendering, config: RevisionConfig): TemplateFacts {
  const { pod, workload, proxyConfig, nativeSidecars, cluster } = rendering
  const imageType = annotationOf(pod, 'sidecar.istio.io/proxyImageType')
  return {
    pod,
    deployMeta: workload,
    proxyConfig,
    mesh: config.mesh,
    values: valuesFor(config),
    revision: config.name,
    nativeSidecars,
    proxyImage: proxyImage(config, proxyConfig.image, imageType),
    proxyInitImage: proxyInitImage(config, imageType),
    proxyIds: proxyIds(cluster.namespace),
    compliancePolicy: config.compliancePolicy,
  }
}

/** Shared by all requests, unless a template changes them. */
function valuesFor({ values, valuesChange }: RevisionConfig): JsonObject | null {
  if (!valuesChange || values.map === null) return values.map
  const copy = cloneJson(values.map)
  return isObject(copy) ? copy : null
}

/** The passes that cannot be written as a template. */
function runPasses(
  draft: MutableJsonObject,
  {
    original,
    ...facts
  }: Pick<PostContext, 'template' | 'proxyEnv'> & {
    readonly original: JsonObject
  },
  { config, notes, snapshot, options }: Situation,
): void {
  const refusal = runPostPasses(draft, {
    ...facts,
    mesh: config.mesh,
    annotatedProxyConfig: annotatedProxyConfig(original, config),
    values: config.values.facts,
    gates: config.gates,
    revision: config.name,
    revisionLabel: revisionLabel(config.name, snapshot, options),
    injectedAnnotations: config.injector.injectedAnnotations,
    notes,
  })
  if (refusal !== undefined) throw new InjectionRefusal(refusal.code, refusal.message)
}
