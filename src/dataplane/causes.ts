/** Maps a path in the pod to a cause in the user's terms. */
import { containerAt, type Path } from './paths.ts'
import type { StaleCause } from './pod-state.ts'

const OF_CONTAINER_FIELD: ReadonlyMap<string, StaleCause> = new Map([
  ['image', 'proxy-image'],
  ['imagePullPolicy', 'proxy-image'],
  ['resources', 'resources'],
  ['resizePolicy', 'resources'],
  ['env', 'environment'],
  ['envFrom', 'environment'],
  ['args', 'arguments'],
  ['command', 'arguments'],
  ['volumeMounts', 'volumes'],
  ['volumeDevices', 'volumes'],
  ['livenessProbe', 'probes'],
  ['readinessProbe', 'probes'],
  ['startupProbe', 'probes'],
  ['lifecycle', 'lifecycle'],
  ['ports', 'ports'],
  ['securityContext', 'security'],
  ['restartPolicy', 'form'],
])

const OF_SPEC_FIELD: ReadonlyMap<string, StaleCause> = new Map([
  ['volumes', 'volumes'],
  ['securityContext', 'security'],
])

const OF_VARIABLE: ReadonlyMap<string, StaleCause> = new Map([
  ['CA_ADDR', 'discovery-address'],
  ['ISTIO_KUBE_APP_PROBERS', 'probes'],
])

const REVISION_NAME = 'istio.io/rev'

export function causeAt(path: Path): StaleCause {
  const [root, key, item, field, inner] = path
  if (root === 'metadata') {
    if (item === REVISION_NAME) return 'revision'
    return key === 'labels' ? 'labels' : key === 'annotations' ? 'annotations' : 'pod'
  }
  if (containerAt(path) === undefined) return (typeof key === 'string' && OF_SPEC_FIELD.get(key)) || 'pod'
  if (typeof field !== 'string' || typeof item !== 'object') return 'containers'
  if (field === 'env' && typeof inner === 'object') {
    const variable = OF_VARIABLE.get(inner.item)
    if (variable !== undefined) return variable
  }
  return OF_CONTAINER_FIELD.get(field) ?? 'containers'
}
