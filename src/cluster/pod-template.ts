/** Whether an object of an unknown kind holds a pod template, so that somebody creates pods from it. */
import { isObject, type JsonObject, type JsonValue, own } from '../json/index.ts'
import { groupOf } from './object-reader.ts'

/** Templates are at most this deep: `spec.pytorchReplicaSpecs.Worker.template`, `spec.replicatedJobs[0].template.spec.template`. */
const MAX_DEPTH = 12

/** Kinds whose controllers create pods without a template of their own in the usual form. */
const POD_MAKERS: ReadonlySet<string> = new Set([
  'argoproj.io/CronWorkflow',
  'argoproj.io/Workflow',
  'flink.apache.org/FlinkDeployment',
  'kafka.strimzi.io/Kafka',
  'kubevirt.io/VirtualMachine',
  'kubevirt.io/VirtualMachineInstance',
  'sparkoperator.k8s.io/ScheduledSparkApplication',
  'sparkoperator.k8s.io/SparkApplication',
  'tekton.dev/PipelineRun',
  'tekton.dev/TaskRun',
])

export function hasPodTemplate(object: JsonObject): boolean {
  const group = groupOf(String(own(object, 'apiVersion')))
  const kind = String(own(object, 'kind'))
  if (POD_MAKERS.has(`${group}/${kind}`)) return true
  // A policy has patterns of pods; it creates none.
  if (kind.endsWith('Policy')) return false
  const spec = own(object, 'spec')
  return spec !== undefined && holdsTemplate(spec, 0)
}

/** An object with `spec.containers`, a list of objects with a name and an image; schemas and descriptions have none. */
function holdsTemplate(value: JsonValue, depth: number): boolean {
  if (depth > MAX_DEPTH) return false
  if (Array.isArray(value)) return value.some((item: JsonValue) => holdsTemplate(item, depth + 1))
  if (!isObject(value)) return false
  const spec = own(value, 'spec')
  if (isObject(spec) && isContainers(own(spec, 'containers'))) return true
  return Object.values(value).some((inner) => holdsTemplate(inner, depth + 1))
}

function isContainers(value: JsonValue | undefined): boolean {
  return (
    Array.isArray(value) &&
    value.some(
      (item: JsonValue) =>
        isObject(item) && typeof own(item, 'name') === 'string' && typeof own(item, 'image') === 'string',
    )
  )
}
