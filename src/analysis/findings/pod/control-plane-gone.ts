/** Running proxies whose control plane no longer exists: they keep their last configuration until a certificate expires. */

import {
  type ExistingSidecar,
  findGone,
  type GoneControlPlane,
  readSidecar,
} from '../../../dataplane/index.ts'
import { PROXY_CONTAINER } from '../../../istio/index.ts'
import type { JsonObject } from '../../../json/index.ts'
import { annotationOf, findInPod, listAt } from '../../../kube/index.ts'
import { findRestart, howToRestart } from '../../preview/restarts.ts'
import type { ClusterFacts } from '../cluster-facts.ts'
import { capitalised } from '../few.ts'
import { makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import type { WorkloadSubject } from '../subject.ts'

export const controlPlaneGone: Rule<'pod'> = {
  subject: 'pod',
  codes: ['control-plane-gone'],
  needs: ['service'],
  find({ object, title, workload }, facts) {
    const sidecar = isIstioProxy(object) ? readSidecar(object) : undefined
    const services = facts.serviceNames()
    const gone = findGone(object, { snapshot: facts.snapshot, services })
    if (sidecar === undefined || gone === undefined) return []
    const fix = workload === undefined ? undefined : fixOf(workload, facts)
    return [
      makeFinding('control-plane-gone', {
        revision: sidecar.revision,
        where: { object: title },
        message: describe(gone, sidecar),
        expected: 'a proxy of a control plane that exists',
        // Its istiod still answers.
        severity: gone.gone === 'injector' ? 'warning' : undefined,
        group: [gone.gone, gone.name, fix].join(' '),
        fix,
      }),
    ]
  },
}

function describe({ gone, name }: GoneControlPlane, sidecar: ExistingSidecar): string {
  const { revision, discoveryAddress } = sidecar
  if (gone === 'injector')
    return `its proxy was injected by revision ${name}, whose configuration no longer exists`
  return `its proxy${revision === undefined ? '' : ` of revision ${revision}`} uses ${discoveryAddress}, but there is no Service ${name}`
}

function fixOf(workload: WorkloadSubject, facts: ClusterFacts): string {
  const { outcome, called } = facts.trial(workload)
  const restart = howToRestart(findRestart(workload.object))
  if (outcome.kind === 'refused' || outcome.kind === 'fault')
    return `Correct first what would refuse the new pod (${outcome.code}), then ${restart}.`
  if (outcome.kind === 'patched' && called !== false)
    return `${capitalised(restart)}, so that it gets the sidecar of an existing control plane.`
  return `Label the namespace or the pod template with a revision that is installed, then ${restart}: a new pod would have no sidecar now.`
}

/** Excludes a user's container of the same name, and placeholders. */
function isIstioProxy(pod: JsonObject): boolean {
  const proxy = findInPod(pod, PROXY_CONTAINER)
  if (proxy === undefined || proxy['image'] === 'auto') return false
  return annotationOf(pod, 'sidecar.istio.io/status') !== undefined || listAt(proxy, 'args')[0] === 'proxy'
}
