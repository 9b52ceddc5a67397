/** Native sidecars for nodes whose kubelet does not have them. */
import { PROXY_CONTAINER } from '../../../istio/index.ts'
import type { JsonObject } from '../../../json/index.ts'
import { containersOf, findContainer, metadataOf, objectAt, specOf, textAt } from '../../../kube/index.ts'
import type { ClusterFacts } from '../cluster-facts.ts'
import { few } from '../few.ts'
import { makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import { injectedPod } from './injected-pod.ts'

/** Kubernetes 1.29+: the feature gate SidecarContainers is on by default; 1.28 has it, but off. */
const FIRST_MINOR = 29

export const nativeSidecarNodes: Rule<'workload'> = {
  subject: 'workload',
  codes: ['native-sidecar-unsupported'],
  needs: [],
  find(workload, facts) {
    const injected = injectedPod(workload, facts)
    if (injected === undefined) return []
    const proxy = findContainer(containersOf(injected.after, 'initContainers'), PROXY_CONTAINER)
    if (proxy === undefined || textAt(proxy, 'restartPolicy') !== 'Always') return []
    const { old, all } = nodesFor(workload.pod, facts)
    if (old.length === 0) return []
    const { revision } = injected
    const shown = few(old.map(([name, version]) => `${name} (${version})`))
    const message = `revision ${revision} injects native sidecars, and ${old.length === all ? 'all' : old.length} of ${all} nodes cannot run them: ${shown}`
    return [
      makeFinding('native-sidecar-unsupported', {
        revision,
        where: { object: workload.title },
        message,
        expected: 'kubelets of Kubernetes 1.29 or later, or ordinary sidecars',
        severity: old.length === all ? undefined : 'warning',
        group: message,
      }),
    ]
  },
}

/** The nodes that the pod's nodeSelector admits, by their labels if those were read. */
function nodesFor(pod: JsonObject, facts: ClusterFacts) {
  const selector = Object.entries(objectAt(specOf(pod), 'nodeSelector'))
  const labels = new Map(
    (facts.objects('node') ?? []).map((node) => [
      textAt(metadataOf(node), 'name'),
      objectAt(metadataOf(node), 'labels'),
    ]),
  )
  const nodes = [...facts.snapshot.nodes.versions].filter(([name]) => {
    const known = labels.get(name)
    return known === undefined || selector.every(([key, value]) => known[key] === value)
  })
  return { old: nodes.filter(([, version]) => isOld(version)), all: nodes.length }
}

function isOld(version: string): boolean {
  const found = /^v?(\d{1,4})\.(\d{1,4})\b/.exec(version)
  return found !== null && Number(found[1]) === 1 && Number(found[2]) < FIRST_MINOR
}
