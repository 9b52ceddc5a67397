/**
 * `remora explain namespace NS`: the labels, the revision that they select, and one line for each pod and for each workload
 * that has none.
 */
import {
  type Finding,
  findingsOf,
  namespaceSubject,
  podSubject,
  type WorkloadSubject,
} from '../analysis/index.ts'
import { OptionError } from '../config/index.ts'
import { gatewayRevision, proxyKindOf } from '../dataplane/index.ts'
import { isFinished, metadataOf, textAt } from '../kube/index.ts'
import { didYouMean } from '../nearest-name.ts'
import { explanationJson } from './explain-json.ts'
import {
  describeDifference,
  type ExplainedCluster,
  type ExplainedPod,
  explainOne,
  problemsOf,
} from './explain-pod.ts'
import { findingJson } from './finding-text.ts'
import type { Paint } from './paint.ts'
import { describeExisting, textOf } from './pod-subject.ts'
import { lines, type Text, type TextPart, tableLines, text } from './text.ts'

export interface ExplainedNamespace {
  readonly name: string
  readonly labels: ReadonlyMap<string, string>
  /** The findings of the namespace itself. */
  readonly findings: readonly Finding[]
  /** What a pod without labels of its own would get. */
  readonly plainPod: ExplainedPod
  readonly pods: readonly ExplainedPod[]
  /** Workloads without a running pod: suspended, scaled to zero, or unable to create one. */
  readonly workloads: readonly ExplainedPod[]
}

/** @throws OptionError `argument-unexpected` where there is no such namespace */
export async function explainNamespace(name: string, cluster: ExplainedCluster): Promise<ExplainedNamespace> {
  const { facts, objects } = cluster
  const known = facts.snapshot.namespaces.get(name)
  if (known === undefined) throw unknownNamespace(name, facts.snapshot.namespaces.keys())
  const source = { objects, namespaces: facts.snapshot.namespaces }
  const pods: ExplainedPod[] = []
  const withPods = new Set<WorkloadSubject>()
  const workloads = new Map(facts.workloads().map((workload) => [workload.title.toLowerCase(), workload]))
  for (const pod of facts.objects('pod') ?? []) {
    if (isFinished(pod) || textAt(metadataOf(pod), 'namespace') !== name) continue
    const { workload } = podSubject(pod, (title) => workloads.get(title))
    if (workload !== undefined) withPods.add(workload)
    pods.push(explainOne(await describeExisting(pod, name, source), cluster))
  }
  const idle = facts.workloads().filter((workload) => workload.namespace === name && !withPods.has(workload))
  return {
    name,
    labels: known.labels,
    findings: findingsOf(namespaceSubject(name, known), facts),
    plainPod: explainOne(plainPodOf(name), cluster),
    pods,
    workloads: idle.map((workload) => explainOne(workload, cluster)),
  }
}

function plainPodOf(namespace: string) {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'any' },
    spec: { containers: [{ name: 'any', image: 'any' }] },
  }
  return { title: 'a pod without labels', namespace, object: pod, pod }
}

export function unknownNamespace(name: string, known: Iterable<string>): OptionError {
  return new OptionError('argument-unexpected', `there is no namespace ${name}${didYouMean(name, known)}`)
}

export function namespaceIsOk(namespace: ExplainedNamespace): boolean {
  return [namespace, ...namespace.pods, ...namespace.workloads].every((one) => problemsOf(one).length === 0)
}

/** Part of the public interface (RELEASING.md). */
export function namespaceJson(namespace: ExplainedNamespace): object {
  const { name, labels, findings, pods, workloads } = namespace
  return {
    namespace: name,
    labels: Object.fromEntries(labels),
    ok: namespaceIsOk(namespace),
    findings: findings.map(findingJson),
    pods: pods.map(explanationJson),
    workloads: workloads.map(explanationJson),
  }
}

const LABELS = ['istio-injection', 'istio.io/rev']

export function namespaceText(namespace: ExplainedNamespace, paint: Paint): Text {
  const { name, labels, plainPod, findings, pods, workloads } = namespace
  const shown = LABELS.flatMap((label) => (labels.has(label) ? [`${label}=${labels.get(label)}`] : []))
  const found = new Set(findings.map(({ code, message }) => `${code}: ${message}`))
  const head: TextPart[] = [
    paint.bold(`Namespace ${name}`),
    `  labels         ${shown.length === 0 ? 'none about injection' : shown.join(', ')}`,
    `  a pod without labels of its own: ${getsText(plainPod)}`,
    ...plainPod.explanation.notes
      .map(({ code, message }) => `${code}: ${message}`)
      .filter((note) => !found.has(note))
      .map((note) => `  note ${note}`),
    ...findings.flatMap(({ severity, code, message, fix }) => [
      text`  ${severity === 'note' ? severity : paint.bad(severity)} ${code}: ${message}`,
      `        fix: ${fix}`,
    ]),
    '',
  ]
  if (pods.length + workloads.length === 0) return lines([...head, 'no pods and no workloads'])
  const rows = [
    ...pods.map((pod) => [textOf(pod.subject.existing ?? {}, 'name'), hasText(pod)] as const),
    ...workloads.map(({ subject }) => [ownTitle(subject), 'no pods'] as const),
  ]
  const all = [...pods, ...workloads]
  const table = rows.map(([title, has], index) => {
    const one = all[index]
    return one === undefined ? [] : [title, has, getsText(one), stateText(one, paint)]
  })
  return lines([...head, ...tableLines([['POD OR WORKLOAD', 'HAS', 'WOULD GET', 'STATE'], ...table])])
}

/** `Deployment web`, without the namespace. */
function ownTitle({ title, namespace }: { readonly title: string; readonly namespace: string }): string {
  return title.replace(` ${namespace}/`, ' ')
}

function hasText({ existing, subject: { existing: pod = {} } }: ExplainedPod): string {
  const sidecar = existing?.sidecar
  if (sidecar === undefined) return 'no sidecar'
  if (sidecar.image === 'auto') return 'not injected (image auto)'
  if (sidecar.revision !== undefined) return sidecar.revision
  const proxy = proxyKindOf(pod)
  if (proxy === 'ready-made-gateway' || proxy === 'waypoint')
    return `${proxy === 'waypoint' ? proxy : 'gateway'} of revision ${gatewayRevision(pod)}, not by injection`
  return proxy === 'none' ? "the pod's own istio-proxy, not by injection" : 'unknown revision'
}

function getsText({ explanation: { result, sidecar } }: ExplainedPod): string {
  return result.kind === 'sidecar' ? (sidecar?.revision ?? 'a sidecar') : result.code
}

function stateText(pod: ExplainedPod, paint: Paint): Text {
  const problems = problemsOf(pod)
  const { existing } = pod
  const restart = (existing?.restartChanges ?? []).map(
    (difference) => `${existing?.replacedBy ?? 'restart'}: ${describeDifference(difference)}`,
  )
  if (problems.length === 0) return text`${restart[0] ?? paint.good('ok')}`
  const words = [...(existing?.controlPlane?.state === 'gone' ? ['control plane gone'] : []), ...restart]
  const others = [...new Set(problems.map(({ code }) => code))].filter((code) => !SAID.has(code))
  return paint.bad([...words, ...others].join('; '))
}

/** By the words about the existing pod. */
const SAID: ReadonlySet<string> = new Set([
  'control-plane-gone',
  'restart-changes-sidecar',
  'restart-removes-sidecar',
])
