/**
 * What a new pod would get, in both stages, and what would change that: the webhook that the API server calls, and the
 * decision of the server behind it. All results come from the code that serves. Whether the result is a problem is
 * decided by the rules (findings/).
 */

import { type ExistingSidecar, readSidecar } from '../../dataplane/index.ts'
import {
  assessRequest,
  type DecidedRevision,
  decidePolicy,
  decideRevision,
  describeCode,
  InjectionRefusal,
  type InjectionRequest,
  type InjectOptions,
  inject,
  type Note,
  type Outcome,
  type RevisionDecision,
  type RevisionTarget,
  readPod,
  type Snapshot,
} from '../../inject/index.ts'
import type { JsonObject } from '../../json/index.ts'
import { metadataOf, objectAt } from '../../kube/index.ts'
import type { AssessedRollout } from '../../rollout/index.ts'
import { type Counterfactual, findCounterfactuals } from './counterfactual.ts'
import type { LabelState } from './label-change.ts'
import { type PolicyTrace, tracePolicy } from './policy-trace.ts'
import { type RuleFinding, traceRules } from './rule-trace.ts'
import { findWebhookCalls, type WebhookFinding } from './webhook-calls.ts'

export interface PodQuestion {
  /** Its target is used only if no webhook of Remora is called. */
  readonly request: InjectionRequest
  /** All MutatingWebhookConfigurations of the cluster, whole; empty: the API server's part is unknown. */
  readonly webhooks: readonly JsonObject[]
  /** The target of a webhook URL's path; undefined: it does not belong to an injector. */
  targetOf(path: string): RevisionTarget | undefined
  readonly options: InjectOptions
}

/** What the pod ends up with. */
export interface PodResult {
  readonly kind: 'sidecar' | 'no-sidecar' | 'external' | 'refused' | 'fault'
  readonly code: string
  /** The result in a sentence, with values of this pod where they add something to the code. */
  readonly message: string
  readonly fix?: string
}

export interface PodExplanation {
  readonly webhooks: readonly WebhookFinding[]
  /** Whether a webhook is called; undefined: no webhooks are known. */
  readonly called: boolean | undefined
  readonly target: RevisionTarget
  readonly rules: readonly RuleFinding[]
  /** By the labels or the path; a rollout may move the pod to another revision. */
  readonly decision: RevisionDecision
  readonly rollouts: readonly AssessedRollout[]
  /** undefined: no revision was chosen, or the pod cannot be read. */
  readonly policy: PolicyTrace | undefined
  readonly outcome: Outcome
  readonly result: PodResult
  readonly sidecar: ExistingSidecar | undefined
  readonly notes: readonly Note[]
  readonly alternatives: readonly Counterfactual[]
}

export function explainPod(question: PodQuestion, snapshot: Snapshot): PodExplanation {
  const { request } = question
  const state = labelStateOf(request, snapshot)
  const { webhooks, called, target, decision } = answer(question, state, snapshot)
  const outcome = inject({ ...request, target }, snapshot, question.options)
  const matched = webhooks.filter((webhook) => webhook.matched)
  const result = called === false ? uncalled(decision) : (byOthers(decision, matched) ?? resultOf(outcome))
  const sidecar =
    result.kind === 'sidecar' && outcome.kind === 'patched' ? readSidecar(outcome.pod) : undefined
  return {
    webhooks,
    called,
    target,
    rules: traceRules(questionOf(state, target), snapshot),
    decision,
    rollouts: assessRequest({ ...request, target }, snapshot)?.assessed ?? [],
    policy: policyOf(request, outcome.decided?.rollout === undefined ? decision : outcome, snapshot),
    outcome,
    result,
    sidecar,
    notes: outcome.notes,
    alternatives: findCounterfactuals({
      state,
      facts: snapshot,
      decide: (changed) => decideWith(changed, question, snapshot),
      isInjected: (changed) =>
        decideWith(changed, question, snapshot) !== undefined ||
        isCalledByOthers(answer(question, changed, snapshot)),
    }),
  }
}

/** The labels and annotations that decide, as they are now. */
export function labelStateOf({ object, namespace }: InjectionRequest, snapshot: Snapshot): LabelState {
  const metadata = metadataOf(object)
  return {
    namespaceLabels: snapshot.namespaces.get(namespace)?.labels ?? new Map(),
    podLabels: textMap(objectAt(metadata, 'labels')),
    podAnnotations: textMap(objectAt(metadata, 'annotations')),
  }
}

function textMap(object: JsonObject): ReadonlyMap<string, string> {
  const entries = Object.entries(object)
  return new Map(
    entries.flatMap(([key, value]) => (typeof value === 'string' ? [[key, value] as const] : [])),
  )
}

function questionOf(state: LabelState, target: RevisionTarget) {
  const { namespaceLabels, podLabels } = state
  return { target, namespaceLabels, podLabels: Object.fromEntries(podLabels) }
}

interface Answer {
  readonly webhooks: readonly WebhookFinding[]
  readonly called: boolean | undefined
  readonly target: RevisionTarget
  readonly decision: RevisionDecision
}

function answer({ request, webhooks, targetOf }: PodQuestion, state: LabelState, snapshot: Snapshot): Answer {
  const calls = findWebhookCalls(webhooks, { namespace: state.namespaceLabels, pod: state.podLabels })
  const matched = calls.filter((call) => call.matched)
  const asked = matched.find(({ of }) => of === 'remora')
  const target = (asked === undefined ? undefined : targetOf(asked.path)) ?? request.target
  const known = snapshot.namespaces.has(request.namespace)
  const question = questionOf(state, target)
  const decision = decideRevision(known ? question : { ...question, namespaceLabels: undefined }, snapshot)
  return { webhooks: calls, called: calls.length === 0 ? undefined : matched.length > 0, target, decision }
}

/** A webhook of a control plane whose configuration is not known here. */
function isCalledByOthers({ called, decision }: Answer): boolean {
  return called === true && decision.kind === 'none'
}

/** The same for other labels: the revision that injects, if any. */
function decideWith(state: LabelState, question: PodQuestion, snapshot: Snapshot): string | undefined {
  const { called, decision } = answer(question, state, snapshot)
  if (called === false || decision.kind !== 'revision') return undefined
  const { revision } = decision.decided
  const config = snapshot.revisions.get(revision)?.config
  const metadata = {
    ...metadataOf(question.request.object),
    labels: Object.fromEntries(state.podLabels),
    annotations: Object.fromEntries(state.podAnnotations),
  }
  const pod = tryRead({ ...question.request, object: { ...question.request.object, metadata } })
  if (config === undefined || pod === undefined) return undefined
  return decidePolicy(pod, config).skip === undefined ? revision : undefined
}

function tryRead(request: InjectionRequest): JsonObject | undefined {
  try {
    return readPod(request)
  } catch (error) {
    if (error instanceof InjectionRefusal) return undefined
    throw error
  }
}

function policyOf(
  request: InjectionRequest,
  { decided }: { readonly kind: string; readonly decided?: DecidedRevision },
  snapshot: Snapshot,
): PolicyTrace | undefined {
  const config = decided && snapshot.revisions.get(decided.revision)?.config
  const pod = tryRead(request)
  return config === undefined || pod === undefined ? undefined : tracePolicy(pod, config)
}

function resultOf(outcome: Outcome): PodResult {
  const { code } = outcome
  switch (outcome.kind) {
    case 'patched':
      return { kind: 'sidecar', ...wordsOf(code) }
    case 'skipped':
      return { kind: 'no-sidecar', ...wordsOf(code) }
    case 'refused':
    case 'fault':
      return { kind: outcome.kind, ...wordsOf(code), message: outcome.message }
  }
}

/** The API server calls no webhook, so the pod starts unchanged, whatever the server would have answered. */
function uncalled(decision: RevisionDecision): PodResult {
  if (decision.kind === 'none') return { kind: 'no-sidecar', ...wordsOf(decision.code) }
  const name = decision.decided?.revision ?? ''
  const message = `the labels select revision ${name}, but no webhook of the cluster matches them`
  return {
    kind: 'no-sidecar',
    code: 'namespace-not-called',
    message,
    fix: `Install the webhook configuration of ${name}.`,
  }
}

/** A webhook is called for a revision whose configuration is not known here, so another control plane injects. */
function byOthers(decision: RevisionDecision, matched: readonly WebhookFinding[]): PodResult | undefined {
  const [first] = matched
  if (decision.kind !== 'none' || first === undefined) return undefined
  return {
    kind: 'external',
    ...wordsOf('revision-external'),
    message: `the API server calls ${first.calls} for revision ${first.revision}, whose configuration is not known here`,
  }
}

function wordsOf(code: string): Omit<PodResult, 'kind'> {
  const { sentence = '', fix } = describeCode(code) ?? {}
  return { code, message: sentence, ...(fix === undefined ? {} : { fix }) }
}
