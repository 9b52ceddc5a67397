/** The arguments of `remora explain`: what to explain. pod-subject.ts finds the pod. */
import { type ExplainOptions, OptionError } from '../config/index.ts'
import { type Code, codes, isCode } from '../inject/index.ts'
import type { JsonObject } from '../json/index.ts'
import {
  kindOfWord,
  type LabelPredicate,
  labelsOf,
  metadataOf,
  objectAt,
  podOfManifest,
  SUBJECT_KINDS,
  titleOfKind,
  type WorkloadKind,
} from '../kube/index.ts'
import { didYouMean } from '../nearest-name.ts'
import { quoteText } from '../visible-text.ts'
import { describeExisting, getWorkload, type PodSource, type PodSubject, textOf } from './pod-subject.ts'

export type Subject =
  | { readonly kind: 'code'; readonly code: Code }
  | { readonly kind: 'namespace'; readonly name: string }
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'object'; readonly of: WorkloadKind; readonly namespace: string; readonly name: string }
  | {
      readonly kind: 'objects'
      readonly of: WorkloadKind
      /** undefined: all namespaces. */
      readonly namespace: string | undefined
      readonly selector: LabelPredicate | undefined
    }

/** `deployment/web`, `deployment shop/web`, `deployments -n shop`. @throws OptionError `argument-unexpected` */
export function readSubject(words: readonly string[], options: ExplainOptions): Subject {
  const { filename, selector, 'all-namespaces': all = false } = options
  const [first, second, ...rest] = words
  if (rest.length > 0) throw wrong(`unexpected argument ${quoteText(rest[0] ?? '')}`)
  if (first === undefined) {
    if (filename === undefined) throw wrong('there is nothing to explain')
    return { kind: 'file', file: filename }
  }
  if (filename !== undefined) throw wrong('both -f and arguments are given')
  if (second === undefined && isCode(first)) return { kind: 'code', code: first }
  const slash = first.indexOf('/')
  const [word, name] =
    second === undefined && slash > 0 ? [first.slice(0, slash), first.slice(slash + 1)] : [first, second]
  const of = kindOf(word)
  if (name === undefined) {
    if (of === 'namespace') throw wrong('a namespace needs a name')
    return { kind: 'objects', of, namespace: all ? undefined : options.namespace, selector }
  }
  if (all || selector !== undefined)
    throw wrong(`${all ? '--all-namespaces' : '--selector'} is for a kind without a name, such as pods`)
  return of === 'namespace' ? { kind: 'namespace', name } : named(of, name, options.namespace)
}

function named(of: WorkloadKind, text: string, fallback: string): Subject {
  const slash = text.indexOf('/')
  return {
    kind: 'object',
    of,
    namespace: slash < 0 ? fallback : text.slice(0, slash),
    name: text.slice(slash + 1),
  }
}

function kindOf(word: string): WorkloadKind | 'namespace' {
  const kind = kindOfWord(word)
  if (kind !== undefined) return kind
  const hint = didYouMean(word.toLowerCase(), [...SUBJECT_KINDS, ...Object.keys(codes)])
  throw wrong(`${quoteText(word)} is neither a kind (${SUBJECT_KINDS.join(', ')}) nor a code${hint}`)
}

function wrong(problem: string): OptionError {
  return new OptionError(
    'argument-unexpected',
    `${problem}; expected pod/NAME, deployment/NAME or another workload with -n NAMESPACE, namespace/NAME, a kind such as pods, a code, or -f FILE`,
  )
}

/** @throws OptionError `argument-unexpected` if there is none, because an empty result would look like success */
export async function listPodsOfCluster(
  { of, namespace, selector }: Extract<Subject, { kind: 'objects' }>,
  source: PodSource,
): Promise<readonly PodSubject[]> {
  const found: PodSubject[] = []
  for (const object of await source.objects.list(of, namespace)) {
    const where = textOf(object, 'namespace') || 'default'
    const subject = await subjectOf(object, { of, namespace: where, name: textOf(object, 'name') }, source)
    if (selector === undefined || selector(labelsOf(objectAt(metadataOf(subject.pod), 'labels'))))
      found.push(subject)
  }
  if (found.length > 0) return found
  const place = namespace === undefined ? 'the cluster' : `namespace ${namespace}`
  throw new OptionError(
    'argument-unexpected',
    `${place} has no ${titleOfKind(of)}${selector === undefined ? '' : ' that --selector matches'}`,
  )
}

/** @throws OptionError `argument-unexpected` where there is no such object */
export async function readPodOfCluster(
  { of, namespace, name }: Extract<Subject, { kind: 'object' }>,
  source: PodSource,
): Promise<PodSubject> {
  const { objects } = source
  const found = await getWorkload(of, { namespace, name }, objects)
  const title = `${titleOfKind(of)} ${namespace}/${name}`
  if (found === undefined) {
    // Reading one object by name needs fewer rights than listing them.
    const others = await objects.list(of, namespace).catch(() => [])
    const names = others.map((other) => textOf(other, 'name'))
    throw new OptionError(
      'argument-unexpected',
      `there is no ${title}${didYouMean(name, names) || inNamespace(namespace, names)}`,
    )
  }
  return subjectOf(found, { of, namespace, name }, source)
}

const MAX_NAMES = 5

/** The names that exist in the namespace. Without any, it may be the wrong namespace, or listing may be forbidden. */
function inNamespace(namespace: string, names: readonly string[]): string {
  if (names.length === 0) return '; -n NAMESPACE selects another namespace'
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : ''
  return `; namespace ${namespace} has ${names.slice(0, MAX_NAMES).join(', ')}${more}`
}

async function subjectOf(
  found: JsonObject,
  { of, namespace, name }: { readonly of: WorkloadKind; readonly namespace: string; readonly name: string },
  source: PodSource,
): Promise<PodSubject> {
  if (of === 'pod') return describeExisting(found, namespace, source)
  const title = `${titleOfKind(of)} ${namespace}/${name}`
  const pod = podOfManifest(found)
  if (pod === undefined) throw new OptionError('argument-unexpected', `${title} has no pod template`)
  return { title, namespace, object: found, pod }
}
