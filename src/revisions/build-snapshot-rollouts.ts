/** The rollouts of a snapshot: which there are, and whether the Services of their targets have ready endpoints. */
import {
  type Problem,
  type Revision,
  type RolloutFacts,
  type Snapshot,
  type UnreadyService,
  whyNotServing,
} from '../inject/index.ts'
import { isObject, type JsonObject, own } from '../json/index.ts'
import {
  endpointState,
  type RevisionRollout,
  type ServiceName,
  serviceKey,
  serviceOfAddress,
  sortRollouts,
} from '../rollout/index.ts'
import type { KindObjects, SortedObjects } from './build-snapshot-objects.ts'

const SERVICE_NAME_LABEL = 'kubernetes.io/service-name'

/** Whether a Service (`namespace/name`) serves, where a live cluster watches its endpoints. */
export type EndpointsOf = (service: string) => 'serves' | UnreadyService['state']

interface RolloutSituation {
  readonly rollouts: ReadonlyMap<string, RevisionRollout>
  readonly revisions: ReadonlyMap<string, Revision>
  readonly sorted: SortedObjects
  readonly endpoints: EndpointsOf
}

/**
 * Oldest first.
 * @param previous returned again if nothing differs
 */
export function rolloutFacts(
  { rollouts, revisions, sorted, endpoints }: RolloutSituation,
  previous: readonly RolloutFacts[] | undefined,
): readonly RolloutFacts[] {
  const facts = sortRollouts(rollouts.values()).map((rollout): RolloutFacts => {
    const service = serviceOfRevision(revisions.get(rollout.to))
    const key = service && serviceKey(service)
    if (service === undefined || key === undefined) return { rollout }
    const state = isUnready(service, sorted) ? 'unready' : endpoints(key)
    return state === 'serves' ? { rollout } : { rollout, unready: { service: key, state } }
  })
  return previous !== undefined && sameFacts(previous, facts) ? previous : Object.freeze(facts)
}

/** The Service that the proxies of a revision connect to; undefined if it is not in this cluster or not known. */
export function serviceOfRevision(revision: Revision | undefined): ServiceName | undefined {
  const address = revision?.config?.mesh.defaultConfig?.['discoveryAddress']
  return typeof address === 'string' ? serviceOfAddress(address) : undefined
}

export function rolloutProblems(
  facts: readonly RolloutFacts[],
  snapshot: Pick<Snapshot, 'revisions' | 'tags'>,
): readonly Problem[] {
  return facts.flatMap((one): readonly Problem[] => {
    const { name, from, to } = one.rollout
    const where = `RevisionRollout ${name}`
    const why = whyNotServing(one, snapshot)
    const known = from.by === 'tag' ? snapshot.tags : snapshot.revisions
    const names = [...known.keys()].sort().join(', ') || 'none'
    return [
      // Reading the endpoints of a new rollout takes a moment.
      ...(why === undefined || one.unready?.state === 'not-read'
        ? []
        : [{ code: 'rollout-target-not-serving', message: `${where}: ${why}`, where, revision: to }]),
      ...(known.has(from.name)
        ? []
        : [
            {
              code: 'rollout-source-unknown',
              message: `${where}: spec.from names the ${from.by} ${JSON.stringify(from.name)}, which is not installed; known: ${names}`,
              where,
            },
          ]),
    ]
  })
}

/** In a folder, which does not show for how long: the current state. A Service without any EndpointSlice serves. */
function isUnready(service: ServiceName, { services, endpointslices }: SortedObjects): boolean {
  const slices = slicesOf(service, endpointslices)
  if (slices.length === 0) return false
  return endpointState(services.byKey.get(serviceKey(service))?.object, slices) === 'none'
}

function slicesOf({ namespace, name }: ServiceName, { given }: KindObjects): readonly JsonObject[] {
  return given
    .map(({ object }) => object)
    .filter((object) => {
      const metadata = own(object, 'metadata')
      const labels = isObject(metadata) ? own(metadata, 'labels') : undefined
      return (
        isObject(metadata) &&
        own(metadata, 'namespace') === namespace &&
        isObject(labels) &&
        own(labels, SERVICE_NAME_LABEL) === name
      )
    })
}

function sameFacts(one: readonly RolloutFacts[], other: readonly RolloutFacts[]): boolean {
  return (
    one.length === other.length &&
    one.every(
      ({ rollout, unready }, i) =>
        rollout === other[i]?.rollout &&
        unready?.service === other[i]?.unready?.service &&
        unready?.state === other[i]?.unready?.state,
    )
  )
}
