/** Whether the proxies of each revision would use their own control plane, according to the cluster's Services. */

import { discoveryService } from '../../../dataplane/index.ts'
import type { RevisionConfig } from '../../../inject/index.ts'
import { PROXY_CONTAINER } from '../../../istio/index.ts'
import { findLine, isObject, type JsonObject } from '../../../json/index.ts'
import { findInPod, listAt, textAt } from '../../../kube/index.ts'
import type { ClusterFacts } from '../cluster-facts.ts'
import { type Finding, makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import { findService } from '../service/find-service.ts'
import { injectForTrial } from '../trial-pod.ts'
import { builtInPods } from './built-in-pods.ts'
import { placeOfKey, usableConfig } from './texts.ts'

export const controlPlaneAddresses: Rule<'configuration'> = {
  subject: 'configuration',
  codes: ['discovery-address-unserved', 'discovery-address-of-other-revision', 'ca-address-unserved'],
  needs: ['service'],
  find({ revision }, facts) {
    const config = usableConfig(revision)
    const services = facts.objects('service') ?? []
    return config === undefined || services.length === 0
      ? []
      : [...discovery(config, services), ...certificates(config, services, facts)]
  },
}

function discovery(
  { name, mesh, inputs }: RevisionConfig,
  services: readonly JsonObject[],
): readonly Finding[] {
  const address = String(mesh.defaultConfig?.['discoveryAddress'] ?? '')
  const wanted = discoveryService(address)
  if (wanted === undefined) return []
  const path = ['defaultConfig', 'discoveryAddress']
  const line = findLine(inputs.meshConfigMap.mesh ?? '', path)
  const where = {
    ...placeOfKey(inputs, 'mesh'),
    path: path.join('.'),
    ...(line === undefined ? {} : { line }),
  }
  const expected = `the address of the istiod of revision ${name}`
  const service = `Service ${wanted.namespace}/${wanted.name}`
  const found = findService(services, wanted)
  if (found === undefined) {
    const message = `${address}: there is no ${service}`
    return [makeFinding('discovery-address-unserved', { revision: name, where, message, expected })]
  }
  if (found.revision !== undefined && found.revision !== name) {
    const message = `${address}: ${service} is of revision ${found.revision}`
    return [makeFinding('discovery-address-of-other-revision', { revision: name, where, message, expected })]
  }
  return wrongPort(address, found.ports).map((problem) =>
    makeFinding('discovery-address-unserved', {
      revision: name,
      where,
      message: `${address}: ${service} ${problem}`,
      expected,
    }),
  )
}

function wrongPort(address: string, ports: readonly number[]): readonly string[] {
  const port = Number(/:(\d+)$/.exec(address)?.[1])
  if (Number.isNaN(port) || ports.length === 0 || ports.includes(port)) return []
  return [`has no port ${port}, only ${ports.join(', ')}`]
}

/** Templates derive CA_ADDR from the values, so it is read from a pod that they rendered. */
function certificates(
  { name, inputs }: RevisionConfig,
  services: readonly JsonObject[],
  facts: ClusterFacts,
): readonly Finding[] {
  const [first] = builtInPods
  if (first === undefined) return []
  const outcome = injectForTrial({ revision: name, namespace: '', pod: first.pod }, facts.snapshot, facts)
  const address = outcome.kind === 'patched' ? caAddress(outcome.pod) : undefined
  const wanted = address === undefined ? undefined : discoveryService(address)
  if (wanted === undefined || findService(services, wanted) !== undefined) return []
  return [
    makeFinding('ca-address-unserved', {
      revision: name,
      where: placeOfKey(inputs, 'values'),
      message: `CA_ADDR is ${address}: there is no Service ${wanted.namespace}/${wanted.name}`,
      expected: `the address of the istiod of revision ${name}, or of a CA`,
    }),
  ]
}

function caAddress(pod: JsonObject): string | undefined {
  const proxy = findInPod(pod, PROXY_CONTAINER)
  if (proxy === undefined) return undefined
  const variable = listAt(proxy, 'env')
    .filter(isObject)
    .find((item) => textAt(item, 'name') === 'CA_ADDR')
  return variable === undefined ? undefined : textAt(variable, 'value')
}
