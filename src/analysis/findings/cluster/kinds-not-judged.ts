/** Objects that create pods and cannot be tested: unknown kinds, and workloads whose template is missing. */
import { isObject, type JsonObject, type JsonValue, own } from '../../../json/index.ts'
import {
  controllerOf,
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

/** Their controllers create pods, and nothing in their manifests has a sign of it. */
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

/** What shows that objects of a kind create pods. */
type Evidence = 'template' | 'replicas'

function unknownKinds(facts: ClusterFacts): readonly Finding[] {
  const found = new Map<string, Map<Evidence, Set<string>>>()
  const add = (kind: string, evidence: Evidence, name: string): void => {
    const ofKind = found.get(kind) ?? new Map<Evidence, Set<string>>()
    const names = ofKind.get(evidence) ?? new Set()
    found.set(kind, ofKind.set(evidence, names.add(name)))
  }
  const owners = ownersOfPods(facts)
  for (const object of facts.others()) {
    if (podOfManifest(object) !== undefined) {
      owners.get(kindOf(object))?.delete(nameOf(object))
      continue
    }
    const kind = kindOf(object)
    if (POD_MAKERS.has(kind) || holdsTemplate(kind, object)) add(kind, 'template', nameOf(object))
    else if (hasReplicas(kind, object) && owners.get(kind)?.has(nameOf(object)) !== true)
      add(kind, 'replicas', nameOf(object))
  }
  for (const [kind, names] of owners) for (const name of names) add(kind, 'template', name)
  return [...found].flatMap(([kind, byEvidence]) =>
    [...byEvidence].map(([evidence, names]) => findingOf(kind, evidence, [...names])),
  )
}

function findingOf(kind: string, evidence: Evidence, names: readonly string[]): Finding {
  const one = names.length === 1
  const objects = `${names.length} ${one ? 'object' : 'objects'} of kind ${kind}`
  return makeFinding('kind-not-judged', {
    where: { object: `${kind} ${few(names)}` },
    message:
      evidence === 'template'
        ? `${objects} ${one ? 'creates' : 'create'} pods from templates that are not tested`
        : `${objects} ${one ? 'has' : 'have'} a number of replicas, so ${one ? 'it probably creates' : 'they probably create'} pods, which are not tested`,
    expected: 'workloads of a known kind',
  })
}

/** Controllers of running pods whose kind has no row in OBJECT_KINDS, by kind. */
function ownersOfPods(facts: ClusterFacts): ReadonlyMap<string, Set<string>> {
  const found = new Map<string, Set<string>>()
  for (const pod of facts.objects('pod') ?? []) {
    const controller = controllerOf(pod)
    if (controller === undefined || controller.of !== undefined) continue
    const kind = kindOf({ apiVersion: controller.apiVersion, kind: controller.kind })
    const names = found.get(kind) ?? new Set()
    found.set(kind, names.add(`${namespaceOf(pod)}/${controller.name}`))
  }
  return found
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

/** Policies have patterns of pods, definitions have schemas, a SidecarSet adds containers to pods of others: they create none. */
const CREATES_NONE = /Policy\.|^CustomResourceDefinition\.|^PodTemplate$|^SidecarSet\./

function holdsTemplate(kind: string, object: JsonObject): boolean {
  const spec = own(object, 'spec')
  return spec !== undefined && !CREATES_NONE.test(kind) && hasContainers(spec, 0)
}

/** Somewhere in it an object has `containers`, a list of objects with a name and an image. */
function hasContainers(value: JsonValue, depth: number): boolean {
  if (depth > MAX_DEPTH) return false
  if (Array.isArray(value)) return value.some((item: JsonValue) => hasContainers(item, depth + 1))
  if (!isObject(value)) return false
  return (
    isContainers(own(value, 'containers')) ||
    Object.values(value).some((inner) => hasContainers(inner, depth + 1))
  )
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

/** Of machines, and of messages in a broker. */
const REPLICAS_OF_OTHERS = /^Machine|k8s\.io$|Topic\.|^Stream\./

/** A number of replicas or instances in its spec: a database cluster, a broker. */
function hasReplicas(kind: string, object: JsonObject): boolean {
  const spec = own(object, 'spec')
  if (!isObject(spec) || CREATES_NONE.test(kind) || REPLICAS_OF_OTHERS.test(kind)) return false
  return ['replicas', 'instances'].some((key) => typeof own(spec, key) === 'number')
}
