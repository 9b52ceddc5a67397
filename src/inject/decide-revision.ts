/**
 * Chooses the revision that serves a pod: from the labels as the API server's selectors evaluate them, or from the name
 * in the path of a per-revision webhook. Pure. hostNetwork, annotations and the injector's policy are evaluated later.
 * The selectors are in decide-revision-rules.ts, warnings about the labels in label-mistakes.ts.
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

/** The revision for a pod, the reason why there is none, or the reason why the chosen one cannot serve. */
export function decideRevision(question: RevisionQuestion, facts: RevisionFacts): RevisionDecision {
  const notes: Note[] = []
  if (question.namespaceLabels === undefined) {
    notes.push({
      code: 'namespace-unknown',
      message: 'the namespace is not known yet, so it is treated as having no labels',
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

/** A webhook that matches, with the name of its revision or tag. */
interface Match {
  readonly webhook: WebhookPrefix | undefined
  /** The name from a label or the path; `default` for the default revision. */
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

/**
 * A tag takes precedence over a revision of the same name; so a tag `default` takes over the default revision's
 * webhooks.
 */
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
  // An unknown namespace cannot disagree.
  if (question.namespaceLabels !== undefined) {
    notes.push({
      code: 'path-disagrees-with-labels',
      message: `${target.by} ${JSON.stringify(target.name)} was requested and is used; by the labels the pod would get ${
        labelled === undefined ? `none (${whyNone(question, facts)})` : `revision ${JSON.stringify(labelled)}`
      }`,
    })
  }
  return asserted
}

function revisionOf(match: Match, facts: RevisionFacts): string | undefined {
  return match.is === 'tag' ? facts.tags.get(match.name) : match.name
}

/** From the name to the revision that serves, or to the fault that prevents it. */
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
      message: `${JSON.stringify(match.name)} is a tag for revision ${JSON.stringify(revision)} and the name of a revision; the tag takes precedence`,
    })
  }
  const found = facts.revisions.get(revision)
  if (found === undefined) {
    const names = known('revisions', facts.revisions)
    return match.is === 'tag'
      ? {
          kind: 'fault',
          code: 'tag-target-unknown',
          message: `the tag ${JSON.stringify(match.name)} points to revision ${JSON.stringify(revision)}, which is not installed; ${names}`,
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

/** The first applicable reason for labels that no webhook matches. */
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
