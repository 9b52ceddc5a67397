/** Volumes and mounts as Kubernetes validates them (pkg/apis/core/validation, 1.25 to 1.36). */
import { isObject, type JsonObject, own } from '../../json/index.ts'
import { lookupType } from '../../merge/index.ts'
import { listAt, objectAt, specOf, textAt } from '../typed-pod.ts'
import { itemsOf, listed, type NamedItem, type PodProblem, repeated } from './pod-problem.ts'

const SOURCES: ReadonlySet<string> = new Set(
  (lookupType('Volume')?.fields ?? []).map(({ name }) => name).filter((name) => name !== 'name'),
)

/** Fields of a source without which it is refused. */
const REQUIRED: ReadonlyMap<string, readonly string[]> = new Map([
  ['hostPath', ['path']],
  ['secret', ['secretName']],
  ['configMap', ['name']],
  ['persistentVolumeClaim', ['claimName']],
  ['nfs', ['server', 'path']],
  ['csi', ['driver']],
])

export function validateVolumes(pod: JsonObject): readonly PodProblem[] {
  const volumes = itemsOf(specOf(pod), 'volumes', 'spec')
  return [
    ...volumes.flatMap(validateVolume),
    ...repeated(volumes.map(({ name }) => name)).map((name) => ({
      path: `spec.volumes[${name}]`,
      message: 'is defined twice',
      expected: 'volumes of different names',
    })),
  ]
}

function validateVolume({ item, name, path }: NamedItem): readonly PodProblem[] {
  const sources = Object.keys(item).filter((key) => SOURCES.has(key) && own(item, key) !== null)
  const problems: PodProblem[] = []
  if (name === '') problems.push({ path, message: 'has no name', expected: 'a name' })
  if (sources.length > 1)
    problems.push({
      path,
      message: `has ${sources.length === 2 ? 'both ' : ''}${listed(sources)}`,
      expected: 'one source for a volume',
      fields: sources.map((source) => `${path}.${source}`),
    })
  for (const source of sources)
    for (const field of REQUIRED.get(source) ?? [])
      if (textAt(objectAt(item, source), field) === '')
        problems.push({ path: `${path}.${source}`, message: `has no ${field}`, expected: `a ${field}` })
  return problems
}

/** Of one container. @param volumes the names of the pod's volumes */
export function validateMounts(
  { item, path }: NamedItem,
  volumes: ReadonlySet<string>,
): readonly PodProblem[] {
  const mounts = itemsOf(item, 'volumeMounts', path)
  const paths = mounts.map((mount) => textAt(mount.item, 'mountPath')).filter((at) => at !== '')
  return [
    ...mounts.flatMap((mount) => validateMount(mount, volumes)),
    ...repeated(paths).map((at) => {
      const names = mounts.filter((mount) => textAt(mount.item, 'mountPath') === at).map(({ name }) => name)
      return {
        path: `${path}.volumeMounts`,
        message: `has ${listed(names)} at the same mountPath ${at}`,
        expected: 'a mountPath of its own for each mount',
        fields: names.map((name) => `${path}.volumeMounts[${name}].mountPath`),
      }
    }),
  ]
}

function validateMount({ item, name, path }: NamedItem, volumes: ReadonlySet<string>): readonly PodProblem[] {
  const problems: PodProblem[] = []
  if (textAt(item, 'mountPath') === '')
    problems.push({ path, message: 'has no mountPath', expected: 'a mountPath' })
  if (name === '') problems.push({ path, message: 'has no name', expected: 'the name of a volume' })
  else if (!volumes.has(name))
    problems.push({
      path,
      message: `mounts volume ${name}, which does not exist`,
      expected: `a volume ${name}`,
    })
  return problems
}

export function volumeNames(pod: JsonObject): ReadonlySet<string> {
  return new Set(
    listAt(specOf(pod), 'volumes')
      .filter(isObject)
      .map((volume) => textAt(volume, 'name')),
  )
}
