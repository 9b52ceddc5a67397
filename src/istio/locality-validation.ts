/** The locality load-balancing settings of a mesh that Istio refuses (ValidateLocalityLbSetting). */
import type { ProtoMessage, ProtoValue } from './proto-message.ts'

const topologyLabels = [
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'topology.istio.io/subzone',
]

export function localityProblems(setting: ProtoMessage | undefined): readonly string[] {
  const distribute = messages(setting?.['distribute'])
  const failover = messages(setting?.['failover'])
  if (distribute.length > 0 && failover.length > 0)
    return ["can not simultaneously specify 'distribute' and 'failover'"]
  const priority = setting?.['failoverPriority']
  const clash =
    failover.length > 0 && Array.isArray(priority)
      ? priority.find((label) => topologyLabels.includes(label))
      : undefined
  if (clash !== undefined) {
    return [`can not simultaneously set 'failover' and topology label '${clash}' in 'failover_priority'`]
  }
  const problems: string[] = []
  for (const locality of distribute) {
    const weights: ReadonlyMap<string, ProtoValue> =
      locality['to'] instanceof Map ? locality['to'] : new Map()
    let total = 0
    for (const weight of weights.values()) {
      if (typeof weight !== 'number' || weight < 1 || weight > 100)
        return ['locality weight must be in range [1, 100]']
      total += weight
    }
    if (total !== 100) return [`total locality weight ${total} != 100`]
    problems.push(...overlaps([...weights.keys()]))
  }
  problems.push(...overlaps(distribute.map((locality) => String(locality['from'] ?? ''))))
  for (const { from = '', to = '' } of failover) {
    const ends = `${from}${to}`
    if (from === to) problems.push('locality lb failover settings must specify different regions')
    if (ends.includes('/')) problems.push('locality lb failover only specify region')
    if (ends.includes('*')) problems.push("locality lb failover region should not contain '*' wildcard")
  }
  return problems
}

/** `region/zone/subzone` with a wildcard only at the end; none may contain another. Returns at most one problem. */
function overlaps(localities: readonly string[]): readonly string[] {
  const seen: string[][] = []
  for (const locality of localities) {
    const stars = locality.split('*').length - 1
    if (stars > 1 || (stars === 1 && !locality.endsWith('*'))) {
      return [`locality ${locality} wildcard '*' number can not exceed 1 and must be in the end`]
    }
    const [region = '', zone, ...rest] = locality.split('/')
    const parts = [
      region,
      ...(zone === undefined ? [] : [zone]),
      ...(rest.length === 0 ? [] : [rest.join('/')]),
    ]
    if (parts.some((part) => part === '')) {
      return [`locality ${locality} must not contain empty region/zone/subzone info`]
    }
    const trimmed = parts.at(-1) === '*' ? parts.slice(0, -1) : parts
    const overlap = seen.some(
      (other) => covers(other, trimmed) || (trimmed.length < parts.length ? false : covers(trimmed, other)),
    )
    if (overlap) return [`locality ${locality} overlap with previous specified ones`]
    seen.push(trimmed)
  }
  return []
}

function covers(wide: readonly string[], narrow: readonly string[]): boolean {
  return wide.length <= narrow.length && wide.every((part, i) => part === narrow[i])
}

function messages(value: ProtoValue | undefined): readonly ProtoMessage[] {
  // Both fields are lists of messages in the schema.
  return Array.isArray(value) ? (value as readonly ProtoMessage[]) : []
}
