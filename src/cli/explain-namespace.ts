/** `remora explain namespace NS`: the labels, the revision that they select, and one line for each pod. */
import { OptionError } from '../config/index.ts'
import { isCode } from '../inject/index.ts'
import { isFinished } from '../kube/index.ts'
import { describeDifference, type ExplainedCluster, type ExplainedPod, explainOne } from './explain-pod.ts'
import type { Paint } from './paint.ts'
import { describeExisting, textOf } from './pod-subject.ts'
import { lines, type Text, type TextPart, tableLines, text } from './text.ts'

export interface ExplainedNamespace {
  readonly name: string
  readonly labels: ReadonlyMap<string, string>
  /** Problems of the labels themselves, whatever pods there are. */
  readonly problems: readonly string[]
  /** What a pod without labels of its own would get. */
  readonly plainPod: ExplainedPod
  readonly pods: readonly ExplainedPod[]
}

/** @throws OptionError `argument-unexpected` where there is no such namespace */
export async function explainNamespace(name: string, cluster: ExplainedCluster): Promise<ExplainedNamespace> {
  const facts = cluster.snapshot.namespaces.get(name)
  if (facts === undefined) throw new OptionError('argument-unexpected', `there is no namespace ${name}`)
  const plain = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'any' },
    spec: { containers: [{ name: 'any', image: 'any' }] },
  }
  const plainPod = await explainOne({ title: 'a pod without labels', namespace: name, pod: plain }, cluster)
  const pods: ExplainedPod[] = []
  for (const pod of await cluster.objects.list('pod', name)) {
    if (isFinished(pod)) continue
    pods.push(await explainOne(await describeExisting(pod, name, cluster.objects), cluster))
  }
  return { name, labels: facts.labels, problems: plainPod.problems, plainPod, pods }
}

export function namespaceIsOk({ problems, pods }: ExplainedNamespace): boolean {
  return problems.length === 0 && pods.every((pod) => pod.problems.length === 0)
}

const LABELS = ['istio-injection', 'istio.io/rev']

export function namespaceText(namespace: ExplainedNamespace, paint: Paint): Text {
  const { name, labels, plainPod, problems, pods } = namespace
  const shown = LABELS.flatMap((label) => (labels.has(label) ? [`${label}=${labels.get(label)}`] : []))
  const head: TextPart[] = [
    paint.bold(`Namespace ${name}`),
    `  labels         ${shown.length === 0 ? 'none about injection' : shown.join(', ')}`,
    `  a pod without own labels: ${getsText(plainPod)}`,
    ...plainPod.explanation.notes
      .map(({ code, message }) => `${code}: ${message}`)
      .filter((note) => !problems.includes(note))
      .map((note) => `  note ${note}`),
    ...problems.map((problem) => text`  ${paint.bad('problem')}: ${problem}`),
    '',
  ]
  if (pods.length === 0) return lines([...head, 'no pods'])
  const rows = pods.map((pod) => [
    textOf(pod.subject.existing ?? {}, 'name'),
    hasText(pod),
    getsText(pod),
    stateText(pod, paint),
  ])
  return lines([...head, ...tableLines([['POD', 'HAS', 'WOULD GET', 'STATE'], ...rows])])
}

function hasText({ existing }: ExplainedPod): string {
  const sidecar = existing?.sidecar
  return sidecar === undefined ? 'no sidecar' : (sidecar.revision ?? 'unknown revision')
}

function getsText({ explanation: { result, sidecar } }: ExplainedPod): string {
  return result.kind === 'sidecar' ? (sidecar?.revision ?? 'a sidecar') : result.code
}

function stateText({ existing, problems }: ExplainedPod, paint: Paint): Text {
  if (problems.length === 0) return paint.good('ok')
  const words = [
    ...(existing?.controlPlane?.state === 'gone' ? ['control plane gone'] : []),
    ...(existing?.restartChanges ?? []).map((difference) => `restart: ${describeDifference(difference)}`),
  ]
  return paint.bad(words.length === 0 ? problems.map(shorten).join(', ') : words.join('; '))
}

/** The code of a problem if it has one; `explain pod` shows the rest. */
function shorten(problem: string): string {
  const [first = ''] = problem.split(':')
  return isCode(first) ? first : problem
}
