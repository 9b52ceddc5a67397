/** Runs the rules on one subject or on a whole cluster. All reports use it. */
import { type Code, type CodeOf, describeCode, SEVERITIES } from '../../inject/index.ts'
import { INJECT_LABEL, labelOf, type ObjectKind, REVISION_LABEL } from '../../kube/index.ts'
import { type ClusterFacts, isInjectorCalled } from './cluster-facts.ts'
import { few } from './few.ts'
import type { Finding } from './finding.ts'
import { noteText } from './namespace/namespace-notes.ts'
import { kindsAmong } from './need.ts'
import { type AnyRule, rules } from './registry.ts'
import type { Rule } from './rule.ts'
import {
  type NamespaceSubject,
  namespaceSubject,
  type Subject,
  type SubjectType,
  type WorkloadSubject,
} from './subject.ts'
import { subjectsOf } from './subjects-among.ts'

/** What a subject has. */
export interface SubjectFindings {
  readonly subject: Subject
  readonly findings: readonly Finding[]
}

/** A kind of objects that was not read, and the codes that were therefore not looked for. */
export interface NotJudged {
  readonly kind: ObjectKind
  readonly why: string
  readonly codes: readonly string[]
}

/** The findings of one subject, the worst first; of a workload also those of its namespace that concern it. */
export function findingsOf(subject: Subject, facts: ClusterFacts): readonly Finding[] {
  const found = rules.flatMap((rule) => (canJudge(rule, facts) ? apply(rule, subject, facts) : []))
  if (subject.type === 'namespace') return bySeverity(found.map((finding) => shared(finding, subject.title)))
  return bySeverity(subject.type === 'workload' ? [...inherited(subject, facts), ...found] : found)
}

function inherited(workload: WorkloadSubject, facts: ClusterFacts): readonly Finding[] {
  const known = facts.snapshot.namespaces.get(workload.namespace)
  if (known === undefined) return []
  const isInherited = followsNamespace(workload, facts) ? () => true : warnsOf(workload, facts)
  return facts
    .ofNamespace(workload.namespace, () => sharedBy(namespaceSubject(workload.namespace, known), facts))
    .filter(isInherited)
    .map((finding) => ({ ...finding, where: { object: workload.title } }))
}

/** What the workloads of the namespace have, too. */
function sharedBy(namespace: NamespaceSubject, facts: ClusterFacts): readonly Finding[] {
  return rules
    .filter((rule) => rule.subject === 'namespace' && rule.reachesPods && canJudge(rule, facts))
    .flatMap((rule) => apply(rule, namespace, facts))
    .map((finding) => shared(finding, namespace.title))
}

/** Whether the creator of the pod gets the finding as a warning, although the pod has labels of its own. */
function warnsOf(workload: WorkloadSubject, facts: ClusterFacts): (finding: Finding) => boolean {
  const trial = facts.trial(workload)
  const { notes } = trial.outcome
  const warned = new Set(
    isInjectorCalled(trial)
      ? notes.filter(({ code }) => describeCode(code)?.warns === true).map(noteText)
      : [],
  )
  return (finding) => warned.has(noteText(finding))
}

/** The same group for the namespace and all of its workloads. */
function shared(finding: Finding, title: string): Finding {
  return { ...finding, group: finding.group ?? `${title}: ${finding.message}` }
}

const OPTED_OUT: ReadonlySet<string> = new Set<CodeOf<'skipped'>>([
  'pod-opted-out',
  'inject-annotation-false',
  'never-inject-selector',
  'host-network',
])

/** Its own labels neither opt it out nor give it a sidecar that the namespace does not give. */
function followsNamespace(workload: WorkloadSubject, facts: ClusterFacts): boolean {
  const { outcome, called } = facts.trial(workload)
  if (OPTED_OUT.has(outcome.code)) return false
  const hasOwn = [INJECT_LABEL, REVISION_LABEL].some((label) => labelOf(workload.pod, label) !== undefined)
  return !hasOwn || outcome.kind !== 'patched' || called === false
}

const TYPES: readonly SubjectType[] = [
  'cluster',
  'configuration',
  'webhook',
  'service',
  'certificate',
  'namespace',
  'gateway',
  'workload',
  'pod',
]

/** Every subject of the cluster with its findings, also those without any. */
export function findAll(facts: ClusterFacts): readonly SubjectFindings[] {
  return TYPES.flatMap((type) =>
    subjectsOf(type, facts).map((subject) => ({ subject, findings: findingsOf(subject, facts) })),
  )
}

const OF_THE_SNAPSHOT = ['cluster', 'configuration', 'namespace'] as const

/** What a server reports, without further reads: one rule and one subject at a time. */
export function* findForServer(facts: ClusterFacts): Generator<SubjectFindings> {
  for (const type of OF_THE_SNAPSHOT) {
    const own = serverRules.filter(({ subject }) => subject === type)
    for (const subject of subjectsOf(type, facts)) {
      for (const rule of own) {
        const findings = apply(rule, subject, facts)
        yield {
          subject,
          findings: type === 'namespace' ? findings.map((one) => shared(one, subject.title)) : findings,
        }
      }
    }
  }
}

export const serverRules: readonly AnyRule[] = rules.filter(
  ({ needs, commandsOnly, subject }) =>
    needs.length === 0 && commandsOnly !== true && OF_THE_SNAPSHOT.some((type) => type === subject),
)

/** The findings of all subjects in the order of the report: by severity, then by rule. */
export function inOrder(found: readonly SubjectFindings[]): readonly Finding[] {
  return bySeverity(grouped(found.flatMap(({ findings }) => findings)))
}

/** Problems that may hide something of every revision. */
const OF_THE_CLUSTER: ReadonlySet<string> = new Set<Code>([
  'cluster-folder-empty',
  'cluster-file-unreadable',
  'cluster-api-unreachable',
  'cluster-api-refused',
  'manifest-malformed',
  'namespace-unknown',
  'object-malformed',
  'revisions-missing',
  'services-not-known',
  'webhooks-not-known',
])

/** Everything, or with a target what concerns that revision or prevents reading the whole cluster. */
export function ofTarget(findings: readonly Finding[], { target }: ClusterFacts): readonly Finding[] {
  if (target === undefined) return findings
  return findings.filter(
    ({ revision, code }) => revision === target || (revision === undefined && OF_THE_CLUSTER.has(code)),
  )
}

/**
 * The kinds and codes that could not be judged. They do not count as free of findings.
 * @param only about subjects of this type
 */
export function findNotJudged(facts: ClusterFacts, only?: SubjectType): readonly NotJudged[] {
  const missing = new Map<ObjectKind, Set<string>>()
  for (const rule of rules) {
    if (only !== undefined && rule.subject !== only) continue
    if (subjectsOf(rule.subject, facts).length === 0) continue
    for (const kind of kindsAmong(rule.needs).filter((needed) => !facts.has(needed))) {
      const codes = missing.get(kind) ?? new Set()
      for (const code of rule.codes) codes.add(code)
      missing.set(kind, codes)
    }
  }
  return [...missing].map(([kind, codes]) => ({
    kind,
    why: facts.whyNotRead(kind) ?? '',
    codes: [...codes],
  }))
}

function canJudge({ needs }: AnyRule, facts: ClusterFacts): boolean {
  return needs.every((need) => facts.has(need))
}

function apply(rule: AnyRule, subject: Subject, facts: ClusterFacts): readonly Finding[] {
  // The types agree: TypeScript cannot follow that both have the same discriminant.
  return rule.subject === subject.type ? (rule as Rule).find(subject, facts) : []
}

function bySeverity(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity))
}

/** One finding for each group, at the position of its first. */
function grouped(findings: readonly Finding[]): readonly Finding[] {
  const groups = new Map<unknown, Finding[]>()
  for (const finding of findings) {
    const { severity, code, group, revision } = finding
    const key = group === undefined ? finding : JSON.stringify([severity, code, group, revision])
    const known = groups.get(key)
    if (known === undefined) groups.set(key, [finding])
    else known.push(finding)
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined || group.length === 1) return first ?? []
    const objects = [...new Set(group.map(({ where }) => where.object))]
    return [{ ...first, where: { ...first.where, object: placeOfAll(objects) }, objects }]
  })
}

/** `Namespace a, b, c and 2 more, with 12 workloads`: the kind once, if all have the same. */
function placeOfAll(objects: readonly string[]): string {
  const namespaces = objects.filter((object) => object.startsWith(NAMESPACE))
  const others = objects.filter((object) => !object.startsWith(NAMESPACE))
  if (namespaces.length === 0 || others.length === 0) return ofOneKind(objects)
  const count = `${others.length} ${others.length === 1 ? 'workload' : 'workloads'}`
  return `${ofOneKind(namespaces)} with ${count}`
}

const NAMESPACE = 'Namespace '

function ofOneKind(objects: readonly string[]): string {
  const kinds = new Set(objects.map((object) => object.slice(0, object.indexOf(' ') + 1)))
  const [kind = ''] = kinds
  return kinds.size === 1 ? kind + few(objects.map((object) => object.slice(kind.length))) : few(objects)
}
