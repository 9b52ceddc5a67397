/** Whether the API server would accept the injected pod, and the template itself. */
import { isObject, type JsonObject, own } from '../../../json/index.ts'
import {
  builtInTemplatePath,
  listAt,
  metadataOf,
  newProblems,
  type PodProblem,
  specOf,
  textAt,
  validatePod,
  withVolumeClaims,
} from '../../../kube/index.ts'
import { type Finding, makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import type { WorkloadSubject } from '../subject.ts'
import { type FieldOrigin, findFieldOrigin } from './field-origin.ts'
import { injectedPod } from './injected-pod.ts'

export const kubernetesValidation: Rule<'workload'> = {
  subject: 'workload',
  codes: ['injected-pod-invalid', 'workload-invalid'],
  needs: [],
  find(workload, facts) {
    const injected = injectedPod(workload, facts)
    const own = ownProblems(workload)
    if (injected === undefined) return own
    const { revision, config, before, after } = injected
    // Another rule names a mount without a volume.
    const complete = (pod: JsonObject) => withVolumeClaims(pod, workload.object)
    const added = newProblems(complete(before), complete(after)).filter(
      ({ message }) => !message.startsWith('mounts volume'),
    )
    if (added.length === 0) return own
    const written = facts.writtenFields(workload, revision)
    const origins = { written, before, values: config.values.map }
    return [
      ...own,
      ...added.map((problem) =>
        finding('injected-pod-invalid', workload, problem, {
          revision,
          fix: renameVolume(problem, before),
          origin: findFieldOrigin(problem, origins),
        }),
      ),
    ]
  },
}

/** undefined: the pod has no volume of that name before injection. */
function renameVolume({ path }: PodProblem, before: JsonObject): string | undefined {
  const name = /^spec\.volumes\[([^\]]+)\]$/.exec(path)?.[1]
  const isOwn = listAt(specOf(before), 'volumes').some(
    (volume) => name !== undefined && isObject(volume) && textAt(volume, 'name') === name,
  )
  return isOwn ? `Rename the pod's own volume \`${name}\`: injection adds one of that name.` : undefined
}

/** A running pod was accepted as it is, and the owners of extensions may complete their templates. */
function ownProblems(workload: WorkloadSubject): readonly Finding[] {
  const { object, pod } = workload
  if (textAt(object, 'kind') === 'Pod' && own(metadataOf(object), 'uid') !== undefined) return []
  if (builtInTemplatePath(object) === undefined) return []
  return validatePod(withVolumeClaims(pod, object))
    .filter((problem) => !isPlaceholder(problem))
    .map((problem) => finding('workload-invalid', workload, problem))
}

/** An empty image is one that the injector fills: a gateway's. */
function isPlaceholder({ message }: PodProblem): boolean {
  return message === 'has no image'
}

function finding(
  code: 'injected-pod-invalid' | 'workload-invalid',
  { title }: WorkloadSubject,
  { path, message, expected }: PodProblem,
  { origin, revision, fix }: Cause = {},
): Finding {
  const text = `${path} ${message}${origin === undefined ? '' : `; ${origin.text}`}`
  return makeFinding(code, {
    revision,
    fix,
    where: { object: title, path, ...origin?.place },
    message: text,
    expected,
    group: [text, fix].join(' '),
  })
}

interface Cause {
  readonly revision?: string
  readonly fix?: string | undefined
  readonly origin?: FieldOrigin | undefined
}
