/** Pods for Windows nodes: whether a pod is one, and which of its fields Kubernetes refuses there. */
import { isObject, type JsonObject, own } from '../../json/index.ts'
import { listAt, objectAt, specOf, textAt } from '../typed-pod.ts'
import { itemsOf } from './pod-problem.ts'

const OS_LABEL = 'kubernetes.io/os'

/** `os`: by spec.os, and then Kubernetes refuses Linux-only fields; `selector`: its labels select Windows nodes. */
export function windowsPod(pod: JsonObject): 'os' | 'selector' | undefined {
  const spec = specOf(pod)
  if (textAt(objectAt(spec, 'os'), 'name') === 'windows') return 'os'
  if (textAt(objectAt(spec, 'nodeSelector'), OS_LABEL) === 'windows') return 'selector'
  const terms = listAt(
    objectAt(
      objectAt(objectAt(spec, 'affinity'), 'nodeAffinity'),
      'requiredDuringSchedulingIgnoredDuringExecution',
    ),
    'nodeSelectorTerms',
  ).filter(isObject)
  return terms.length > 0 && terms.every(selectsWindows) ? 'selector' : undefined
}

function selectsWindows(term: JsonObject): boolean {
  return listAt(term, 'matchExpressions')
    .filter(isObject)
    .some((expression) => {
      const values = listAt(expression, 'values')
      return (
        textAt(expression, 'key') === OS_LABEL &&
        textAt(expression, 'operator') === 'In' &&
        values.length === 1 &&
        values[0] === 'windows'
      )
    })
}

const POD_FIELDS = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
]
const CONTAINER_FIELDS = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
]

/** The fields that Kubernetes refuses where spec.os.name is windows, as paths. */
export function linuxOnlyFields(pod: JsonObject): readonly string[] {
  const spec = specOf(pod)
  const context = objectAt(spec, 'securityContext')
  return [
    ...POD_FIELDS.filter((key) => isSet(context, key)).map((key) => `spec.securityContext.${key}`),
    ...['initContainers', 'containers']
      .flatMap((list) => itemsOf(spec, list, 'spec'))
      .flatMap(({ item, path }) => {
        const own = objectAt(item, 'securityContext')
        return CONTAINER_FIELDS.filter((key) => isSet(own, key)).map(
          (key) => `${path}.securityContext.${key}`,
        )
      }),
  ]
}

function isSet(object: JsonObject, key: string): boolean {
  const value = own(object, key)
  return value !== undefined && value !== null
}
