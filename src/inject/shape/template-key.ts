/**
 * Owns: what many requests share of what a template reads, as one text: within one key it counts as constant. The
 * rest, which differs from pod to pod, is read each time.
 */
import type { KeyedRead, ResidualOptions } from '../../gotemplate/index.ts'
import type { JsonObject } from '../../json/index.ts'
import type { TemplateFacts } from '../data/template-data.ts'
import { metadataOf, objectAt } from '../typed-pod.ts'

/** Templates ask for most annotations by name, and most pods have none of these. */
const annotationReads: readonly KeyedRead[] = [
  { functions: ['index', 'isset'], path: ['ObjectMeta', 'Annotations'] },
  { functions: ['annotation'], path: ['ObjectMeta'] },
]

/** Beside the configuration's own (MeshConfig, Values, Revision ...), what the key below is made of. */
export const residualOptions: ResidualOptions = {
  constantFields: new Set([
    'TypeMeta',
    'ProxyConfig',
    'MeshConfig',
    'Values',
    'Revision',
    'NativeSidecars',
    'ProxyImage',
    'ProxyInitImage',
    'ProxyUID',
    'ProxyGID',
    'InboundTrafficPolicyMode',
    'CompliancePolicy',
  ]),
  keyed: annotationReads,
}

/** @param keys the annotations that the template asks for by name */
export function templateKey(facts: TemplateFacts, keys: ReadonlySet<string>): string {
  const { kind, apiVersion } = facts.deployMeta
  const { uid, gid } = facts.proxyIds
  const head = `${kind}\n${apiVersion}\n${facts.nativeSidecars}\n${facts.proxyImage}\n${facts.proxyInitImage}\n${uid}\n${gid}\n${numberOf(facts.proxyConfig)}`
  return head + annotationKey(objectAt(metadataOf(facts.pod), 'annotations'), keys)
}

const numbers = new WeakMap<object, number>()
let lastNumber = 0

/** Pods with equal ProxyConfigs are given one object: see EffectiveProxyConfigs. */
function numberOf(proxyConfig: object): number {
  let number = numbers.get(proxyConfig)
  if (number === undefined) {
    number = ++lastNumber
    numbers.set(proxyConfig, number)
  }
  return number
}

function annotationKey(annotations: JsonObject, keys: ReadonlySet<string>): string {
  let key = ''
  for (const name of Object.keys(annotations)) {
    if (keys.has(name)) key += `\n${name}\n${JSON.stringify(annotations[name])}`
  }
  return key
}
