/** Running proxies whose control plane no longer exists: they keep their last configuration until a certificate expires. */

import { discoveryService, readSidecar } from '../../../dataplane/index.ts'
import { PROXY_CONTAINER } from '../../../istio/index.ts'
import type { JsonObject } from '../../../json/index.ts'
import { annotationOf, findInPod, listAt } from '../../../kube/index.ts'
import type { ClusterFacts } from '../cluster-facts.ts'
import { makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import { findService } from '../service/find-service.ts'
import type { WorkloadSubject } from '../subject.ts'

export const controlPlaneGone: Rule<'pod'> = {
  subject: 'pod',
  codes: ['control-plane-gone'],
  needs: ['service'],
  find({ object, title, workload }, facts) {
    const sidecar = isIstioProxy(object) ? readSidecar(object) : undefined
    const wanted = sidecar && discoveryService(sidecar.discoveryAddress)
    if (sidecar === undefined || wanted === undefined) return []
    if (findService(facts.objects('service') ?? [], wanted) !== undefined) return []
    const { revision } = sidecar
    const service = `${wanted.namespace}/${wanted.name}`
    const fix = workload === undefined ? undefined : fixBeforeRestart(workload, facts)
    return [
      makeFinding('control-plane-gone', {
        revision,
        where: { object: title },
        message: `its proxy${revision === undefined ? '' : ` of revision ${revision}`} uses ${sidecar.discoveryAddress}, but there is no Service ${service}`,
        expected: 'a proxy of a control plane that exists',
        group: fix === undefined ? service : `${service}: ${fix}`,
        fix,
      }),
    ]
  },
}

/** undefined: a restart gives the pod another sidecar. */
function fixBeforeRestart(workload: WorkloadSubject, facts: ClusterFacts): string | undefined {
  const { outcome, called } = facts.trial(workload)
  if (outcome.kind === 'refused' || outcome.kind === 'fault')
    return `Correct first what would refuse the new pod (${outcome.code}), then restart the workload.`
  if (outcome.kind === 'patched' && called !== false) return undefined
  return 'Label the namespace or the pod template with a revision that is installed, then restart the workload: a restart now would remove the sidecar.'
}

/** Excludes a user's container of the same name, and placeholders. */
function isIstioProxy(pod: JsonObject): boolean {
  const proxy = findInPod(pod, PROXY_CONTAINER)
  if (proxy === undefined || proxy['image'] === 'auto') return false
  return annotationOf(pod, 'sidecar.istio.io/status') !== undefined || listAt(proxy, 'args')[0] === 'proxy'
}
