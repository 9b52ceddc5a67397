/**
 * Moves a share of the pods to another revision, as RevisionRollouts say: one step between the choice of the revision and
 * the injection. Pure. The package rollout decides to which pods a rollout applies; this file decides what follows.
 */
import { isObject, type JsonObject, own } from '../json/index.ts'
import { annotationOf } from '../kube/index.ts'
import {
  type AssessedRollout,
  assessRollouts,
  chooseRollout,
  formatPercent,
  type RevisionRollout,
  type RolloutQuestion,
  SLOTS,
} from '../rollout/index.ts'
import { decideRevision, type RevisionDecision } from './decide-revision.ts'
import { metadataOfRequest } from './label-mistakes.ts'
import type { DecidedRevision, DecidedRollout } from './outcome.ts'
import type { InjectionRequest } from './request.ts'
import { selectTemplates } from './select-templates.ts'
import type { RolloutFacts, Snapshot } from './snapshot.ts'

/** The decision with the rollout that applies to the pod; the same object if there is none. */
export function applyRollout(
  decision: RevisionDecision,
  request: InjectionRequest,
  snapshot: Snapshot,
): RevisionDecision {
  const { rollouts } = snapshot
  if (rollouts === undefined || rollouts.length === 0) return decision
  const question = rolloutQuestion(decision, request, snapshot)
  const chosen =
    question &&
    chooseRollout(
      rollouts.map(({ rollout }) => rollout),
      question,
    )
  const facts = chosen && rollouts.find(({ rollout }) => rollout === chosen.rollout)
  if (question === undefined || chosen === undefined || facts === undefined) return decision
  const { decided } = question
  const served = decision.kind === 'revision'
  const result = !chosen.moves ? 'not-chosen' : targetServes(facts, snapshot, served) ? 'moved' : 'fell-back'
  const rollout: DecidedRollout = {
    name: chosen.rollout.name,
    slot: chosen.slot,
    share: chosen.rollout.slots,
    from: decided.revision,
    result,
  }
  switch (result) {
    case 'not-chosen':
      return decision.kind === 'none' || decision.decided === undefined
        ? decision
        : { ...decision, decided: { ...decided, rollout } }
    case 'moved':
      return {
        kind: 'revision',
        decided: { ...decided, revision: chosen.rollout.to, rollout },
        notes: [
          ...decision.notes,
          { code: 'rollout-moved', message: sentenceOf(rollout, chosen.rollout.to) },
        ],
      }
    case 'fell-back': {
      if (decision.kind === 'none' || decision.decided === undefined) return decision
      const message = `${sentenceOf(rollout, chosen.rollout.to)}, but ${whyNotServing(facts, snapshot)}`
      return {
        ...decision,
        decided: { ...decided, rollout },
        notes: [...decision.notes, { code: 'rollout-fell-back', message }],
      }
    }
  }
}

/**
 * The question for the package rollout; undefined if no webhook matches. A revision or tag that is not installed may be
 * moved, too.
 */
function rolloutQuestion(
  decision: RevisionDecision,
  { target, namespace, object }: InjectionRequest,
  { namespaces, revisions }: Snapshot,
): (RolloutQuestion & { readonly decided: DecidedRevision }) | undefined {
  if (decision.kind === 'none') return undefined
  const decided = decision.decided ?? (target.by === 'tag' ? { revision: '', tag: target.name } : undefined)
  if (decided === undefined) return undefined
  return {
    decided,
    namespace,
    namespaceLabels: namespaces.get(namespace)?.labels,
    pod: object,
    isGateway: () => isGateway(object, revisions.get(decided.revision)),
  }
}

/** Each rollout with its verdict for a pod; undefined if no webhook matches. For explanations and plans. */
export function assessRequest(
  request: InjectionRequest,
  snapshot: Snapshot,
  rollouts: readonly RevisionRollout[] = (snapshot.rollouts ?? []).map(({ rollout }) => rollout),
): { readonly question: RolloutQuestion; readonly assessed: readonly AssessedRollout[] } | undefined {
  const decision = decideRevision(
    {
      target: request.target,
      namespaceLabels: snapshot.namespaces.get(request.namespace)?.labels,
      podLabels: labelsOfRequest(request),
    },
    snapshot,
  )
  const question = rolloutQuestion(decision, request, snapshot)
  return question && { question, assessed: assessRollouts(rollouts, question) }
}

function labelsOfRequest(request: InjectionRequest): JsonObject | undefined {
  const labels = own(metadataOfRequest(request), 'labels')
  return isObject(labels) ? labels : undefined
}

/** The template that Istio's gateway charts and samples name. */
const GATEWAY_TEMPLATE = 'gateway'
/** For a revision without a configuration. */
const NO_TEMPLATES = { defaultTemplates: [], aliases: new Map<string, readonly string[]>() } as const

function isGateway(pod: JsonObject, revision: ReturnType<Snapshot['revisions']['get']>): boolean {
  const annotation = annotationOf(pod, 'inject.istio.io/templates')
  if (annotation === undefined && revision?.config === undefined) return false
  const injector = revision?.config?.injector ?? NO_TEMPLATES
  return selectTemplates(injector, annotation).includes(GATEWAY_TEMPLATE)
}

/** A target without ready endpoints is still better than a revision that is not installed. */
function targetServes(
  { rollout, unready }: RolloutFacts,
  { revisions }: Snapshot,
  otherwiseServed: boolean,
): boolean {
  if (revisions.get(rollout.to)?.config === undefined) return false
  return unready === undefined || !otherwiseServed
}

/** Why the target cannot serve; undefined if it can. Part of a sentence. */
export function whyNotServing(
  { rollout, unready }: RolloutFacts,
  { revisions }: Pick<Snapshot, 'revisions'>,
): string | undefined {
  const target = revisions.get(rollout.to)
  const named = `revision ${JSON.stringify(rollout.to)}`
  if (target === undefined) return `${named} is not installed`
  if (target.config === undefined) return `${named} has no usable configuration`
  if (unready === undefined) return undefined
  const what = unready.state === 'unready' ? 'has no ready endpoint' : 'has not been read yet'
  return `Service ${unready.service} of ${named} ${what}`
}

function sentenceOf({ name, slot, share, from }: DecidedRollout, to: string): string {
  const was = from === '' ? '' : ` instead of ${JSON.stringify(from)}`
  return (
    `RevisionRollout ${name} chooses revision ${JSON.stringify(to)}${was}: slot ${slot} of ${SLOTS} is in the share of ` +
    `${formatPercent(share)}%`
  )
}
