/** The arguments of `remora explain`: what to explain. pod-subject.ts finds the pod. */
import type { ObjectReader } from '../cluster/index.ts'
import { type ExplainOptions, OptionError } from '../config/index.ts'
import { type Code, isCode } from '../inject/index.ts'
import {
  isWorkloadKind,
  podOfManifest,
  titleOfKind,
  WORKLOAD_KINDS,
  type WorkloadKind,
} from '../kube/index.ts'
import { describeExisting, getWorkload, type PodSubject } from './pod-subject.ts'

export type Subject =
  | { readonly kind: 'code'; readonly code: Code }
  | { readonly kind: 'namespace'; readonly name: string }
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'object'; readonly of: WorkloadKind; readonly namespace: string; readonly name: string }

const SHORT: ReadonlyMap<string, string> = new Map([
  ['po', 'pod'],
  ['deploy', 'deployment'],
  ['sts', 'statefulset'],
  ['ds', 'daemonset'],
  ['rs', 'replicaset'],
  ['rc', 'replicationcontroller'],
  ['cj', 'cronjob'],
  ['ns', 'namespace'],
  ['ro', 'rollout'],
  ['dc', 'deploymentconfig'],
  ['clone', 'cloneset'],
  ['asts', 'advancedstatefulset'],
  ['ads', 'advanceddaemonset'],
  ['bcj', 'broadcastjob'],
  ['ksvc', 'knativeservice'],
  ['rev', 'knativerevision'],
])
/** The kinds that may be followed by a name. */
export const SUBJECT_KINDS: readonly string[] = [...WORKLOAD_KINDS, 'namespace']

/** @throws OptionError `argument-unexpected` */
export function readSubject(words: readonly string[], options: ExplainOptions): Subject {
  const [first, second, ...rest] = words
  if (rest.length > 0) throw wrong(`unexpected argument ${JSON.stringify(rest[0])}`)
  if (first === undefined) {
    if (options.filename === undefined) throw wrong('there is nothing to explain')
    return { kind: 'file', file: options.filename }
  }
  if (options.filename !== undefined) throw wrong('both -f and arguments are given')
  if (second === undefined) {
    if (isCode(first)) return { kind: 'code', code: first }
    throw wrong(`${JSON.stringify(first)} is not a code; a workload or a namespace needs a name`)
  }
  const word = first.toLowerCase()
  const singular = SHORT.get(word) ?? word.replace(/s$/, '')
  if (singular === 'namespace') return { kind: 'namespace', name: second }
  if (!isWorkloadKind(singular))
    throw wrong(`${JSON.stringify(first)} is not one of ${SUBJECT_KINDS.join(', ')}`)
  const slash = second.indexOf('/')
  return {
    kind: 'object',
    of: singular,
    namespace: slash < 0 ? options.namespace : second.slice(0, slash),
    name: second.slice(slash + 1),
  }
}

function wrong(problem: string): OptionError {
  return new OptionError(
    'argument-unexpected',
    `${problem}; expected pod NS/NAME (or another workload), namespace NS, a code, or -f FILE`,
  )
}

/** @throws OptionError `argument-unexpected` where there is no such object */
export async function readPodOfCluster(
  { of, namespace, name }: Extract<Subject, { kind: 'object' }>,
  objects: ObjectReader,
): Promise<PodSubject> {
  const found = await getWorkload(of, { namespace, name }, objects)
  const title = `${titleOfKind(of)} ${namespace}/${name}`
  if (found === undefined) throw new OptionError('argument-unexpected', `there is no ${title}`)
  if (of === 'pod') return describeExisting(found, namespace, objects)
  const pod = podOfManifest(found)
  if (pod === undefined) throw new OptionError('argument-unexpected', `${title} has no pod template`)
  return { title, namespace, pod }
}
