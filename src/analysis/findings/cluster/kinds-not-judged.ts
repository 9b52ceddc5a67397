/** Objects that create pods and cannot be tested: unknown kinds, and workloads whose template is missing. */
import { isObject, type JsonObject, type JsonValue, own } from '../../../json/index.ts'
import {
  groupOf,
  metadataOf,
  objectKindOf,
  podOfManifest,
  templateReference,
  textAt,
  WORKLOAD_KINDS,
} from '../../../kube/index.ts'
import type { ClusterFacts } from '../cluster-facts.ts'
import { few } from '../few.ts'
import { type Finding, makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'

export const kindsNotJudged: Rule<'cluster'> = {
  subject: 'cluster',
  codes: ['kind-not-judged', 'workload-template-missing'],
  needs: [],
  commandsOnly: true,
  find: (_, facts) => [...unknownKinds(facts), ...lostTemplates(facts)],
}

/** Their controllers create pods without a template in the usual form. */
const POD_MAKERS: ReadonlySet<string> = new Set([
  'CronWorkflow.argoproj.io',
  'Workflow.argoproj.io',
  'FlinkDeployment.flink.apache.org',
  'Kafka.kafka.strimzi.io',
  'VirtualMachine.kubevirt.io',
  'VirtualMachineInstance.kubevirt.io',
  'ScheduledSparkApplication.sparkoperator.k8s.io',
  'SparkApplication.sparkoperator.k8s.io',
  'PipelineRun.tekton.dev',
  'TaskRun.tekton.dev',
])

function unknownKinds(facts: ClusterFacts): readonly Finding[] {
  const found = new Map<string, string[]>()
  for (const object of facts.others()) {
    const kind = kindOf(object)
    const isWorkload = podOfManifest(object) !== undefined
    if (isWorkload || !(POD_MAKERS.has(kind) || holdsTemplate(kind, object))) continue
    const names = found.get(kind)
    if (names === undefined) found.set(kind, [nameOf(object)])
    else names.push(nameOf(object))
  }
  return [...found].map(([kind, names]) =>
    makeFinding('kind-not-judged', {
      where: { object: `${kind} ${few(names)}` },
      message: `${names.length} ${names.length === 1 ? 'object' : 'objects'} of kind ${kind} ${names.length === 1 ? 'creates' : 'create'} pods from templates that are not tested`,
      expected: 'workloads of a known kind',
    }),
  )
}

/** An Argo Rollout whose `workloadRef` names a missing object. */
function lostTemplates(facts: ClusterFacts): readonly Finding[] {
  const all = WORKLOAD_KINDS.flatMap((kind) => facts.objects(kind) ?? [])
  return all.flatMap((object) => {
    const reference = templateReference(object)
    if (reference === undefined) return []
    const of = objectKindOf(reference.apiVersion, reference.kind)
    const exists = (of === undefined ? [] : (facts.objects(of) ?? [])).some(
      (one) => nameOf(one) === `${namespaceOf(object)}/${reference.name}`,
    )
    if (exists) return []
    return [
      makeFinding('workload-template-missing', {
        where: { object: `${textAt(object, 'kind')} ${nameOf(object)}`, path: 'spec.workloadRef' },
        message: `it takes its pod template from ${reference.kind} ${reference.name}, which does not exist`,
        expected: `a ${reference.kind} ${reference.name} in namespace ${namespaceOf(object)}`,
      }),
    ]
  })
}

function kindOf(object: JsonObject): string {
  const [kind, group] = [textAt(object, 'kind'), groupOf(textAt(object, 'apiVersion'))]
  return group === '' ? kind : `${kind}.${group}`
}

function namespaceOf(object: JsonObject): string {
  return textAt(metadataOf(object), 'namespace') || 'default'
}

function nameOf(object: JsonObject): string {
  return `${namespaceOf(object)}/${textAt(metadataOf(object), 'name')}`
}

/** Templates are at most this deep: `spec.replicatedJobs[0].template.spec.template`. */
const MAX_DEPTH = 12

function holdsTemplate(kind: string, object: JsonObject): boolean {
  // Policies have patterns of pods, definitions have schemas: they create none.
  if (/Policy\.|^CustomResourceDefinition\.|^PodTemplate$/.test(kind)) return false
  const spec = own(object, 'spec')
  return spec !== undefined && hasContainers(spec, 0)
}

/** Somewhere in it an object has `spec.containers`, a list of objects with a name and an image. */
function hasContainers(value: JsonValue, depth: number): boolean {
  if (depth > MAX_DEPTH) return false
  if (Array.isArray(value)) return value.some((item: JsonValue) => hasContainers(item, depth + 1))
  if (!isObject(value)) return false
  const spec = own(value, 'spec')
  if (isObject(spec) && isContainers(own(spec, 'containers'))) return true
  return Object.values(value).some((inner) => hasContainers(inner, depth + 1))
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
