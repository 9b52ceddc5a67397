/** The input of a check, and look-ups that several checks share. */

import type {
  InjectOptions,
  Problem,
  Revision,
  RevisionConfig,
  RevisionInputs,
  Snapshot,
} from '../../inject/index.ts'
import { isObject, JsonError, type JsonObject, type JsonValue, own, parseYaml } from '../../json/index.ts'
import { labelsOf, listAt, metadataOf, objectAt, specOf, textAt } from '../../kube/index.ts'
import type { Finding, FindingPlace } from './finding.ts'

/** Everything that checks read. */
export interface CheckSubject {
  readonly snapshot: Snapshot
  readonly options: InjectOptions
  /** Problems of reading the cluster and of building the snapshot. */
  readonly problems: readonly Problem[]
  /** Whole. */
  readonly services: readonly JsonObject[]
  /** MutatingWebhookConfigurations, whole. */
  readonly webhooks: readonly JsonObject[]
  readonly workloads: readonly CheckedWorkload[]
  /** The revision that is about to serve: what fails under it is an error, whoever uses it now. */
  readonly target?: string | undefined
  /** The clock and seed of the templates. */
  readonly nowMs: number
  readonly seed: number
}

export interface CheckedWorkload {
  /** `Deployment shop/web`. */
  readonly title: string
  readonly namespace: string
  /** As its controller would create it. */
  readonly pod: JsonObject
}

export type Check = (subject: CheckSubject) => readonly Finding[]

/** Revisions whose newest configuration can be read, with its texts. */
export function revisionsWithTexts({
  snapshot,
}: CheckSubject): readonly (Revision & { readonly newest: RevisionInputs })[] {
  return [...snapshot.revisions.values()].flatMap((revision) =>
    revision.newest === undefined ? [] : [{ ...revision, newest: revision.newest }],
  )
}

/** Those that serve their newest configuration: only for them a trial shows how pods come out. */
export function usableConfigs({ snapshot }: CheckSubject): readonly RevisionConfig[] {
  return [...snapshot.revisions.values()].flatMap(({ config, problem }) =>
    config === undefined || problem !== undefined ? [] : [config],
  )
}

export function placeOfKey(inputs: RevisionInputs, key: 'config' | 'values' | 'mesh'): FindingPlace {
  const { name } = key === 'mesh' ? inputs.meshConfigMap : inputs.injectorConfigMap
  return { object: `ConfigMap ${inputs.namespace}/${name}`, key }
}

/** A text that is read for its names only; null if it cannot be parsed, which compiling it reports. */
export function readYaml(text: string): JsonValue {
  try {
    return parseYaml(text)
  } catch (error) {
    if (error instanceof JsonError) return null
    throw error
  }
}

export interface ServiceFacts {
  /** The revision in its label istio.io/rev; undefined if it has none. */
  readonly revision: string | undefined
  readonly ports: readonly number[]
}

/** undefined: there is no such Service. */
export function findService(
  { services }: CheckSubject,
  wanted: { readonly namespace: string; readonly name: string },
): ServiceFacts | undefined {
  const found = services.find((service) => {
    const metadata = metadataOf(service)
    const namespace = textAt(metadata, 'namespace') || 'default'
    return textAt(metadata, 'name') === wanted.name && namespace === wanted.namespace
  })
  if (found === undefined) return undefined
  const revision = labelsOf(objectAt(metadataOf(found), 'labels')).get('istio.io/rev')
  const ports = listAt(specOf(found), 'ports')
    .filter(isObject)
    .map((item) => own(item, 'port'))
    .filter((port) => typeof port === 'number')
  return { revision: revision === '' ? 'default' : revision, ports }
}

/** Some names, and how many more there are. */
export function few(names: readonly string[], most = 3): string {
  const shown = names.slice(0, most).join(', ')
  return names.length <= most ? shown : `${shown} and ${names.length - most} more`
}
