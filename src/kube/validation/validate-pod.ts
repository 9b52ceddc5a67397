/**
 * What the API server would refuse about a pod: the rules of Kubernetes' own validation that injection can break. It is
 * not all of that validation. A pod as a template has it, before the API server sets defaults, is judged alike.
 */
import type { JsonObject } from '../../json/index.ts'
import { specOf } from '../typed-pod.ts'
import { itemsOf, type PodProblem, repeated } from './pod-problem.ts'
import { validateContainer, validateInitContainer } from './validate-container.ts'
import { validateMounts, validateVolumes, volumeNames } from './validate-volumes.ts'

export function validatePod(pod: JsonObject): readonly PodProblem[] {
  const spec = specOf(pod)
  const containers = itemsOf(spec, 'containers', 'spec')
  const initContainers = itemsOf(spec, 'initContainers', 'spec')
  const all = [...initContainers, ...containers]
  const volumes = volumeNames(pod)
  return [
    ...validateVolumes(pod),
    ...repeated(all.map(({ name }) => name)).map((name) => ({
      path: `spec.containers[${name}]`,
      message: 'has the name of another container or init container',
      expected: 'a name of its own for each container',
    })),
    ...all.flatMap((container) => [...validateContainer(container), ...validateMounts(container, volumes)]),
    ...initContainers.flatMap(validateInitContainer),
  ]
}

/** Problems that a change introduces. The pod's own mistakes are not reported. */
export function newProblems(before: JsonObject, after: JsonObject): readonly PodProblem[] {
  const known = new Set(validatePod(before).map(keyOf))
  return validatePod(after).filter((problem) => !known.has(keyOf(problem)))
}

function keyOf({ path, message }: PodProblem): string {
  return `${path} ${message}`
}
