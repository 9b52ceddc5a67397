/** The revision or tag that is asked about, and which names in labels lead to it. */
import type { Snapshot } from '../../inject/index.ts'
import { own } from '../../json/index.ts'
import { labelOf, objectAt, REVISION_LABEL, specOf, textAt } from '../../kube/index.ts'
import { podMetadataOf } from './asked.ts'
import type { UsedByFacts } from './facts.ts'

export type UsedBySubject =
  | {
      readonly kind: 'revision'
      readonly name: string
      /** It has a configuration or an istiod here; else objects only mention it. */
      readonly installed: boolean
      /** Those that point to it, sorted. */
      readonly tags: readonly string[]
    }
  | { readonly kind: 'tag'; readonly name: string; readonly revision: string }

/** All revisions and tags, installed or mentioned: revisions first, each group by name. */
export function findSubjects(facts: UsedByFacts): readonly UsedBySubject[] {
  const { tags } = facts.snapshot
  const revisions = [...new Set(revisionNames(facts))].sort()
  return [
    ...revisions.map((name) => revisionSubject(name, facts)),
    ...[...tags].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, revision]) => tagSubject(name, revision)),
  ]
}

/** @param word a name, or `revision/NAME` or `tag/NAME`; a name of both is the revision */
export function findSubject(word: string, subjects: readonly UsedBySubject[]): UsedBySubject | undefined {
  const named = (kind: UsedBySubject['kind'], name: string) =>
    subjects.find((subject) => subject.kind === kind && subject.name === name)
  const [, kind, rest = ''] = /^(revision|tag)\/(.*)$/.exec(word) ?? []
  if (kind === 'revision' || kind === 'tag') return named(kind, rest)
  return named('revision', word) ?? named('tag', word)
}

function revisionSubject(name: string, { snapshot, controlPlanes }: UsedByFacts): UsedBySubject {
  const tags = [...snapshot.tags].filter(([, revision]) => revision === name).map(([tag]) => tag)
  const installed =
    snapshot.revisions.has(name) || snapshot.external?.has(name) === true || controlPlanes.revisions.has(name)
  return { kind: 'revision', name, installed, tags: tags.sort() }
}

function tagSubject(name: string, revision: string): UsedBySubject {
  return { kind: 'tag', name, revision }
}

function* revisionNames(facts: UsedByFacts): Iterable<string> {
  const { snapshot, controlPlanes, pods, workloads } = facts
  const { revisions, tags, external, calledFor, namespaces } = snapshot
  yield* revisions.keys()
  yield* [...(external?.keys() ?? [])].filter((name) => !tags.has(name))
  yield* tags.values()
  yield* calledFor ?? []
  yield* controlPlanes.revisions
  for (const { entry } of pods) if (entry.actual !== undefined) yield revisionNamed(entry.actual, snapshot)
  for (const { labels } of namespaces.values()) yield* askedRevision(labels.get(REVISION_LABEL), snapshot)
  for (const { object } of workloads) {
    const metadata = object === undefined ? undefined : podMetadataOf(object)
    const label = metadata && own(objectAt(metadata, 'labels'), REVISION_LABEL)
    if (typeof label === 'string') yield* askedRevision(label, snapshot)
  }
  for (const rollout of facts.list('revisionrollout')) {
    const spec = specOf(rollout)
    yield* [textAt(objectAt(spec, 'to'), 'revision'), textAt(objectAt(spec, 'from'), 'revision')].filter(
      Boolean,
    )
  }
  for (const object of facts.list('istiorevision')) yield textAt(objectAt(object, 'metadata'), 'name')
  for (const gateway of facts.list('gateway'))
    yield* askedRevision(labelOf(gateway, REVISION_LABEL), snapshot)
}

function askedRevision(label: string | undefined, snapshot: Snapshot): readonly string[] {
  return label === undefined || label === '' ? [] : [revisionNamed(label, snapshot)]
}

/** The revision that a name stands for; like its webhooks, a tag takes precedence over a revision of the same name. */
export function revisionNamed(name: string, { tags }: Pick<Snapshot, 'tags'>): string {
  return tags.get(name) ?? name
}

/** What a name in a label reaches of the subject: directly, or through a tag. undefined: something else. */
export function reach(
  subject: UsedBySubject,
  name: string,
  { tags }: Pick<Snapshot, 'tags'>,
): { readonly tag: string | undefined } | undefined {
  const tag = tags.has(name) ? name : undefined
  if (subject.kind === 'tag') return tag === subject.name ? { tag } : undefined
  return (tags.get(name) ?? name) === subject.name ? { tag } : undefined
}
