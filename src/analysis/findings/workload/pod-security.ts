/** The Pod Security levels of a namespace against what injection adds to its pods. */
import {
  newViolations,
  POD_SECURITY_LEVELS,
  type PodSecurityLevel,
  type SecurityViolation,
} from '../../../kube/index.ts'
import { few } from '../few.ts'
import { makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import { injectedPod } from './injected-pod.ts'

const MODES = [
  ['enforce', 'pod-security-refused', 'refuses the pods'],
  ['warn', 'pod-security-warns', 'warns about the pods'],
] as const

export const podSecurity: Rule<'workload'> = {
  subject: 'workload',
  codes: ['pod-security-refused', 'pod-security-warns'],
  needs: [],
  find(workload, facts) {
    const labels = facts.snapshot.namespaces.get(workload.namespace)?.labels
    const levels = MODES.map(([mode]) => levelOf(labels?.get(`pod-security.kubernetes.io/${mode}`)))
    if (levels.every((level) => level === 'privileged')) return []
    const injected = injectedPod(workload, facts)
    if (injected === undefined) return []
    const { revision, before, after } = injected
    for (const [index, [mode, code, does]] of MODES.entries()) {
      const level = levels[index] ?? 'privileged'
      const added = newViolations(level, before, after)
      if (added.length === 0) continue
      const message = `the namespace's pod-security.kubernetes.io/${mode}=${level} ${does}: ${few(describe(added), 4)}`
      return [
        makeFinding(code, {
          revision,
          where: { object: workload.title },
          message,
          expected: `an injected pod that ${level} allows`,
          group: `${workload.namespace} ${message}`,
        }),
      ]
    }
    return []
  },
}

function levelOf(label: string | undefined): PodSecurityLevel {
  return POD_SECURITY_LEVELS.find((level) => level === label) ?? 'privileged'
}

/** `container istio-init adds NET_ADMIN, NET_RAW and runs as user 0`. */
function describe(violations: readonly SecurityViolation[]): readonly string[] {
  const byWho = new Map<string, string[]>()
  for (const { who, what } of violations) byWho.set(who, [...(byWho.get(who) ?? []), what])
  return [...byWho].map(([who, what]) => `${who} ${what.join(', and ')}`)
}
