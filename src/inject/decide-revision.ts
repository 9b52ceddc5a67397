/**
 * Which revision serves a pod: from the labels as the API server's selectors read them, or from the name that the
 * path of a per-revision webhook asserts. Pure. It decides nothing else: hostNetwork, annotations and the injector's
 * policy come after it. The selectors themselves are in decide-revision-rules.ts, and what is odd about the labels is
 * told by label-mistakes.ts.
 */
import { INJECT_LABEL, INJECTION_LABEL, REVISION_LABEL } from '../kube/index.ts'
import type { CodeOf } from './codes.ts'
import {
  conditionHolds,
  type WebhookPrefix,
  type WebhookRule,
  webhookRules,
} from './decide-revision-rules.ts'
import type { DecidedRevision, Note } from './outcome.ts'
import type { RevisionTarget } from './request.ts'
import { labelValue, type RevisionFacts, type RevisionQuestion } from './revision-question.ts'

export type RevisionDecision =
  | { readonly kind: 'revision'; readonly decided: DecidedRevision; readonly notes: readonly Note[] }
  | { readonly kind: 'none'; readonly code: CodeOf<'skipped'>; readonly notes: readonly Note[] }
  | {
      readonly kind: 'fault'
      readonly code: CodeOf<'fault'>
      readonly message: string
      readonly decided?: DecidedRevision
      readonly notes: readonly Note[]
    }

/** The revision for a pod, why there is none, or why the chosen one cannot serve. */
export function decideRevision(question: RevisionQuestion, facts: RevisionFacts): RevisionDecision {
  const notes: Note[] = []
  if (question.namespaceLabels === undefined) {
    notes.push({
      code: 'namespace-unknown',
      message: 'the namespace is not known yet: taken as one without labels',
    })
  }
  const byLabels = matchLabels(question, facts)
  if (question.target.by === 'labels') {
    return byLabels === undefined
      ? { kind: 'none', code: whyNone(question, facts), notes }
      : settle(byLabels, facts, notes)
  }
  return settle(fromPath(question, question.target, byLabels, facts, notes), facts, notes)
}

/** A webhook that matches: whose it is, by name. */
interface Match {
  readonly webhook: WebhookPrefix | undefined
  /** The name that a label or the path gave; `default` for the default revision. */
  readonly name: string
  readonly is: 'tag' | 'revision'
}

function matchLabels(question: RevisionQuestion, facts: RevisionFacts): Match | undefined {
  for (const rule of webhookRules) {
    if (rule.onlyByDefault && !facts.enableNamespacesByDefault) continue
    if (!rule.conditions.every((c) => conditionHolds(c, labelValue(question, c.on, c.label)))) continue
    const match = findOwner(ruleName(rule, question), rule.webhook, facts)
    if (match !== undefined) return match
  }
  return undefined
}

function ruleName(rule: WebhookRule, question: RevisionQuestion): string {
  return rule.serves.by === 'default'
    ? 'default'
    : (labelValue(question, rule.serves.of, REVISION_LABEL) ?? '')
}

/** A tag wins over a revision of the same name; so a tag `default` takes the default revision's webhooks too. */
function findOwner(name: string, webhook: WebhookPrefix, facts: RevisionFacts): Match | undefined {
  if (facts.tags.has(name)) return { webhook, name, is: 'tag' }
  if (facts.revisions.has(name)) return { webhook, name, is: 'revision' }
  return undefined
}

function fromPath(
  question: RevisionQuestion,
  target: Exclude<RevisionTarget, { by: 'labels' }>,
  byLabels: Match | undefined,
  facts: RevisionFacts,
  notes: Note[],
): Match {
  const asserted: Match = { webhook: undefined, name: target.name, is: target.by }
  const revision = revisionOf(asserted, facts)
  const labelled = byLabels === undefined ? undefined : revisionOf(byLabels, facts)
  if (labelled === revision && byLabels !== undefined) return { ...asserted, webhook: byLabels.webhook }
  // A namespace that is not known says nothing that could disagree.
  if (question.namespaceLabels !== undefined) {
    notes.push({
      code: 'path-disagrees-with-labels',
      message: `${target.by} ${JSON.stringify(target.name)} was asked for, and counts; by the labels the pod would get ${
        labelled === undefined ? `none (${whyNone(question, facts)})` : `revision ${JSON.stringify(labelled)}`
      }`,
    })
  }
  return asserted
}

function revisionOf(match: Match, facts: RevisionFacts): string | undefined {
  return match.is === 'tag' ? facts.tags.get(match.name) : match.name
}

/** From the name to the revision that serves, or to the fault that it cannot. */
function settle(match: Match, facts: RevisionFacts, notes: Note[]): RevisionDecision {
  const revision = revisionOf(match, facts)
  if (revision === undefined) {
    const message = `there is no revision tag ${JSON.stringify(match.name)}; ${known('tags', facts.tags)}`
    return { kind: 'fault', code: 'tag-unknown', message, notes }
  }
  const decided: DecidedRevision = {
    revision,
    ...(match.is === 'tag' ? { tag: match.name } : {}),
    ...(match.webhook === undefined ? {} : { webhook: match.webhook }),
  }
  if (match.is === 'tag' && match.name !== revision && facts.revisions.has(match.name)) {
    notes.push({
      code: 'tag-shadows-revision',
      message: `${JSON.stringify(match.name)} is a tag for revision ${JSON.stringify(revision)} and the name of a revision; the tag wins`,
    })
  }
  const found = facts.revisions.get(revision)
  if (found === undefined) {
    const names = known('revisions', facts.revisions)
    return match.is === 'tag'
      ? {
          kind: 'fault',
          code: 'tag-target-unknown',
          message: `the tag ${JSON.stringify(match.name)} points at revision ${JSON.stringify(revision)}, which is not installed; ${names}`,
          decided,
          notes,
        }
      : {
          kind: 'fault',
          code: 'revision-unknown',
          message: `there is no revision ${JSON.stringify(revision)}; ${names}`,
          decided,
          notes,
        }
  }
  if (found.config === undefined) {
    if (found.problem?.code === 'nodes-not-read')
      return {
        kind: 'fault',
        code: 'revision-waits-for-nodes',
        message: found.problem.message,
        decided,
        notes,
      }
    const why = found.problem === undefined ? '' : `: ${found.problem.message}`
    return {
      kind: 'fault',
      code: 'revision-unusable',
      message: `revision ${JSON.stringify(revision)} has no configuration that serves${why}; ${known('revisions', facts.revisions)}`,
      decided,
      notes,
    }
  }
  return { kind: 'revision', decided, notes }
}

function known(what: string, names: ReadonlyMap<string, unknown>): string {
  return names.size === 0 ? `no ${what} are known` : `known ${what}: ${[...names.keys()].sort().join(', ')}`
}

/** The first reason that a reader would meet, for labels that no webhook matches. */
function whyNone(question: RevisionQuestion, facts: RevisionFacts): CodeOf<'skipped'> {
  const injection = labelValue(question, 'namespace', INJECTION_LABEL)
  if (injection !== undefined && injection !== 'enabled') return 'namespace-disabled'
  const inject = labelValue(question, 'pod', INJECT_LABEL)
  if (inject === 'false') return 'pod-opted-out'
  if (injection === 'enabled') return 'no-default-revision'
  const revision =
    labelValue(question, 'namespace', REVISION_LABEL) ?? labelValue(question, 'pod', REVISION_LABEL)
  if (revision !== undefined) return 'revision-not-installed'
  if (inject === 'true') return 'no-default-revision'
  if (inject !== undefined) return 'pod-value-not-true'
  if (!facts.enableNamespacesByDefault) return 'no-labels'
  return facts.revisions.has('default') || facts.tags.has('default')
    ? 'system-namespace'
    : 'no-default-revision'
}
