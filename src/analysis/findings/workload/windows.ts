/** Sidecars for pods that run on Windows, which Istio's proxy does not. */
import { linuxOnlyFields, windowsPod } from '../../../kube/index.ts'
import { few } from '../few.ts'
import { makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import { injectedPod } from './injected-pod.ts'

export const windowsPods: Rule<'workload'> = {
  subject: 'workload',
  codes: ['windows-pod-injected'],
  needs: [],
  find(workload, facts) {
    const kind = windowsPod(workload.pod)
    const injected = kind === undefined ? undefined : injectedPod(workload, facts)
    if (injected === undefined) return []
    const { revision, before, after } = injected
    const known = new Set(linuxOnlyFields(before))
    const added = linuxOnlyFields(after).filter((path) => !known.has(path))
    const refused = kind === 'os' && added.length > 0
    return [
      makeFinding('windows-pod-injected', {
        revision,
        where: { object: workload.title },
        message: refused
          ? `spec.os.name is windows, and injection sets fields that Kubernetes refuses there: ${few(added)}`
          : `it runs on Windows nodes, and revision ${revision} adds a proxy for Linux, which never starts there`,
        expected: 'no sidecar for pods on Windows',
        severity: refused ? 'error' : undefined,
      }),
    ]
  },
}
