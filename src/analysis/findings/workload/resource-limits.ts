/** LimitRanges and ResourceQuotas of a namespace that would refuse the injected pod. */
import type { JsonObject } from '../../../json/index.ts'
import {
  type LimitViolation,
  limitRangeViolations,
  metadataOf,
  type ObjectKind,
  quotaLines,
  resourcesOf,
  textAt,
  usedBy,
  withoutValue,
} from '../../../kube/index.ts'
import type { ClusterFacts } from '../cluster-facts.ts'
import { few } from '../few.ts'
import { type Finding, makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import type { WorkloadSubject } from '../subject.ts'
import { type InjectedPod, injectedPod } from './injected-pod.ts'

export const limitRanges: Rule<'workload'> = {
  subject: 'workload',
  codes: ['limit-range-refused'],
  needs: ['limitrange'],
  find(workload, facts) {
    const ranges = objectsOf('limitrange', workload.namespace, facts)
    const injected = ranges.length === 0 ? undefined : injectedPod(workload, facts)
    if (injected === undefined) return []
    const { revision, before, after } = injected
    const known = new Set(limitRangeViolations(before, ranges).map(textOf))
    const added = limitRangeViolations(after, ranges).filter((one) => !known.has(textOf(one)))
    return [...Map.groupBy(added, ({ by }) => by)].map(([by, violations]) => {
      const message = `${by} refuses the injected pod: ${describe(violations)}`
      return makeFinding('limit-range-refused', {
        revision,
        where: { object: workload.title },
        message,
        expected: 'resources that the LimitRange allows',
        group: message,
      })
    })
  },
}

function textOf({ by, who, what }: LimitViolation): string {
  return `${by} ${who} ${what}`
}

/** `each of container istio-init, container istio-proxy has no cpu limit, and the maximum is 1`: each container once. */
function describe(violations: readonly LimitViolation[]): string {
  const byWho = [...Map.groupBy(violations, ({ who }) => who)].map(
    ([who, of]) => [who, of.map(({ what }) => what).join(' and ')] as const,
  )
  return [...Map.groupBy(byWho, ([, what]) => what)]
    .map(([what, of]) => `${joined(of.map(([who]) => who))} ${what}`)
    .join('; ')
}

/** `each of container istio-init, container istio-proxy`. */
function joined(who: readonly string[]): string {
  return who.length === 1 ? (who[0] ?? '') : `each of ${who.join(', ')}`
}

export const resourceQuotas: Rule<'workload'> = {
  subject: 'workload',
  codes: ['resource-quota-refused'],
  needs: ['resourcequota'],
  find(workload, facts) {
    const quotas = objectsOf('resourcequota', workload.namespace, facts)
    const injected = quotas.length === 0 ? undefined : injectedPod(workload, facts)
    return injected === undefined ? [] : refusals(workload, injected, quotas, facts)
  },
}

function refusals(
  workload: WorkloadSubject,
  { revision, before, after }: InjectedPod,
  quotas: readonly JsonObject[],
  facts: ClusterFacts,
): readonly Finding[] {
  const ranges = objectsOf('limitrange', workload.namespace, facts)
  const [plain, injected] = [resourcesOf(before, ranges), resourcesOf(after, ranges)]
  return quotaLines(quotas).flatMap((line) => {
    const own = new Set(withoutValue(plain, line))
    const missing = withoutValue(injected, line).filter((name) => !own.has(name))
    const needed = usedBy(injected, line)
    const cause =
      missing.length > 0
        ? `container ${few(missing)} has no ${line.side.slice(0, -1)} of ${line.resource}, which ${line.name} of the quota requires`
        : needed > line.hard && usedBy(plain, line) <= line.hard
          ? `one injected pod alone needs more ${line.name} than its ${line.text}`
          : undefined
    if (cause === undefined) return []
    return [
      makeFinding('resource-quota-refused', {
        revision,
        where: { object: workload.title },
        message: `${line.title} refuses the injected pod: ${cause}`,
        expected: 'resources of istio-proxy that fit the quota',
        group: `${line.title} ${cause}`,
      }),
    ]
  })
}

/** Those of one namespace. */
export function objectsOf(kind: ObjectKind, namespace: string, facts: ClusterFacts): readonly JsonObject[] {
  return (facts.objects(kind) ?? []).filter(
    (object) => (textAt(metadataOf(object), 'namespace') || 'default') === namespace,
  )
}
