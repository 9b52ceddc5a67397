/** Whether the workloads of a namespace still fit its ResourceQuotas with their sidecars. */
import { own } from '../../../json/index.ts'
import { quotaLines, resourcesOf, specOf, textAt, usedBy } from '../../../kube/index.ts'
import type { ClusterFacts } from '../cluster-facts.ts'
import { makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import type { WorkloadSubject } from '../subject.ts'
import { injectedPod } from '../workload/injected-pod.ts'
import { objectsOf } from '../workload/resource-limits.ts'

export const namespaceQuota: Rule<'namespace'> = {
  subject: 'namespace',
  codes: ['resource-quota-exceeded'],
  needs: ['resourcequota'],
  find({ title, name }, facts) {
    const lines = quotaLines(objectsOf('resourcequota', name, facts))
    if (lines.length === 0) return []
    const ranges = objectsOf('limitrange', name, facts)
    const workloads = facts
      .workloads()
      .filter(({ namespace }) => namespace === name)
      .map((workload) => {
        const injected = injectedPod(workload, facts)
        return {
          replicas: replicasOf(workload, facts),
          plain: resourcesOf(workload.pod, ranges),
          injected: resourcesOf(injected?.after ?? workload.pod, ranges),
        }
      })
    return lines.flatMap((line) => {
      let [plain, injected] = [0n, 0n]
      for (const workload of workloads) {
        plain += workload.replicas * usedBy(workload.plain, line)
        injected += workload.replicas * usedBy(workload.injected, line)
      }
      if (injected <= line.hard || plain > line.hard) return []
      return [
        makeFinding('resource-quota-exceeded', {
          where: { object: title },
          message: `with sidecars its workloads use more ${line.name} than the ${line.text} of ${line.title}`,
          expected: 'a quota for the applications and their proxies',
        }),
      ]
    })
  },
}

/** A DaemonSet has a pod on each node. Jobs are not counted. */
function replicasOf({ object }: WorkloadSubject, facts: ClusterFacts): bigint {
  const kind = textAt(object, 'kind')
  if (kind === 'Job' || kind === 'CronJob') return 0n
  if (kind === 'DaemonSet') return BigInt(facts.snapshot.nodes.versions.size)
  const replicas = own(specOf(object), 'replicas')
  return typeof replicas === 'number' && Number.isSafeInteger(replicas) && replicas >= 0
    ? BigInt(replicas)
    : 1n
}
