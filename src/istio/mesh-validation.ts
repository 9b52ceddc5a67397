/**
 * The mesh configurations that Istio refuses (pkg/config/validation/agent, ValidateMeshConfig of 1.9 to 1.31). Istio's
 * warnings are left out.
 */
import { checkPortNumber } from './annotation-address.ts'
import { proxyConfigCauses } from './annotation-proxy-config.ts'
import { trustDomainProblem, wildcardDomainProblem } from './domain-names.ts'
import { durationNanos } from './duration.ts'
import type { Gates } from './gates.ts'
import { localityProblems } from './locality-validation.ts'
import type { MeshConfig, ProtoMessage, ProtoValue } from './proto-message.ts'
import { durationProblem, inboundRetryProblems, trafficPolicyProblems } from './traffic-policy-validation.ts'

const millisecond = 1_000_000n
const second = 1_000_000_000n

/** All problems in Istio's order; empty if the mesh is valid. */
export function validateMeshConfig(mesh: MeshConfig, gates: Gates): readonly string[] {
  const problems: string[] = []
  const check = (prefix: string, problem: string | undefined) => {
    if (problem !== undefined) problems.push(prefix + problem)
  }
  check('invalid proxy listen port: ', checkPortNumber(number(mesh['proxyListenPort'])))
  check('invalid connect timeout: ', connectTimeoutProblem(message(mesh['connectTimeout'])))
  const detection = durationNanos(message(mesh['protocolDetectionTimeout']))
  if (detection % millisecond !== 0n) {
    problems.push('invalid protocol detection timeout: only durations to ms precision are supported')
  }
  problems.push(...proxyConfigCauses(mesh.defaultConfig ?? {}, gates))
  problems.push(...localityProblems(message(mesh['localityLbSetting'])))
  for (const [i, setting] of list(mesh['serviceSettings']).entries()) {
    for (const host of list(message(setting)?.['hosts'])) {
      check(`serviceSettings[${i}], host ${host}: `, wildcardDomainProblem(text(host)))
    }
  }
  check('trustDomain: ', trustDomainProblem(mesh.trustDomain ?? ''))
  for (const [i, alias] of list(mesh['trustDomainAliases']).entries()) {
    check(`trustDomainAliases[${i}], domain ${alias}: `, trustDomainProblem(text(alias)))
  }
  if (list(message(mesh['meshMTLS'])?.['ecdhCurves']).length > 0) {
    problems.push('mesh TLS does not support ECDH curves configuration')
  }
  // Istio 1.31+: the schemas of older releases do not have these fields.
  problems.push(...trafficPolicyProblems(message(mesh['defaultTrafficPolicy'])))
  problems.push(...inboundRetryProblems(message(mesh['defaultInboundHttpRetryPolicy'])))
  return problems
}

function connectTimeoutProblem(timeout: ProtoMessage | undefined): string | undefined {
  const problem = durationProblem(timeout)
  if (problem !== undefined) return problem
  return durationNanos(timeout) > 3600n * second ? 'time must be from 1ms to 1h0m0s' : undefined
}

function number(value: ProtoValue | undefined): number {
  return typeof value === 'number' ? value : 0
}

function text(value: ProtoValue | undefined): string {
  return typeof value === 'string' ? value : ''
}

function list(value: ProtoValue | undefined): readonly ProtoValue[] {
  return Array.isArray(value) ? value : []
}

function message(value: ProtoValue | undefined): ProtoMessage | undefined {
  if (typeof value !== 'object' || Array.isArray(value) || value instanceof Map) return undefined
  // Neither a scalar, a list nor a map.
  return value as ProtoMessage
}
