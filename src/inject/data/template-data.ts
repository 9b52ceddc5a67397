/**
 * The data of injection templates: Istio's SidecarTemplateData with the fields that the release has, as Go values over
 * the pod's typed JSON, the messages and the values map.
 */
import {
  anyMapType,
  boolType,
  type FieldSpec,
  type FunctionTable,
  type GoValue,
  int64Type,
  MapValue,
  PointerValue,
  pointerTo,
  StructType,
  StructValue,
  sprigFunctions,
  stringType,
} from '../../gotemplate/index.ts'
import {
  type Gates,
  type IstioVersion,
  type MeshConfig,
  meshConfigMessage,
  type ProxyConfig,
  protoSchemaFor,
  proxyConfigMessage,
} from '../../istio/index.ts'
import type { JsonObject } from '../../json/index.ts'
import { metadataOf, specOf } from '../../kube/index.ts'
import type { DeployMeta } from '../deploy-meta.ts'
import type { ProxyIds } from '../openshift.ts'
import { podType } from './pod-types.ts'
import { ProtoTypes } from './proto-types.ts'

/** The types of one release's template data; created when a configuration is compiled. */
export interface TemplateModel {
  readonly gates: Gates
  readonly protoTypes: ProtoTypes
  readonly objectMeta: StructType
  readonly container: StructType
  readonly data: StructType
  /** sprig's functions, with their cache of regular expressions. */
  readonly sprig: FunctionTable
}

/** The facts of one request. */
export interface TemplateFacts {
  /** As templates see it: typed, with an earlier injection undone. */
  readonly pod: JsonObject
  readonly deployMeta: DeployMeta
  readonly proxyConfig: ProxyConfig
  readonly mesh: MeshConfig
  readonly values: JsonObject | null
  readonly revision: string
  readonly nativeSidecars: boolean
  readonly proxyImage: string
  readonly proxyInitImage: string
  readonly proxyIds: ProxyIds
  readonly compliancePolicy: string
}

/** Every field that the templates of some release can read; specialize/template-key.ts has a row for each. */
export type TemplateField =
  | 'TypeMeta'
  | 'DeploymentMeta'
  | 'ObjectMeta'
  | 'Spec'
  | 'ProxyConfig'
  | 'MeshConfig'
  | 'Values'
  | 'Revision'
  | 'NativeSidecars'
  | 'ProxyImage'
  | 'ProxyInitImage'
  | 'ProxyUID'
  | 'ProxyGID'
  | 'InboundTrafficPolicyMode'
  | 'CompliancePolicy'

interface DataField extends FieldSpec {
  readonly name: TemplateField
}

const typeMeta = new StructType('v1.TypeMeta', () => [
  { name: 'Kind', type: stringType },
  { name: 'APIVersion', type: stringType },
])

const namespacedName = new StructType('types.NamespacedName', () => [
  { name: 'Namespace', type: stringType },
  { name: 'Name', type: stringType },
])

export function templateModel(version: IstioVersion, gates: Gates): TemplateModel {
  const protoTypes = new ProtoTypes(protoSchemaFor(version))
  const objectMeta = podType('ObjectMeta')
  const data = new StructType('inject.SidecarTemplateData', () => dataFields(gates, protoTypes, objectMeta))
  return { gates, protoTypes, objectMeta, container: podType('Container'), data, sprig: sprigFunctions() }
}

function dataFields(gates: Gates, protoTypes: ProtoTypes, objectMeta: StructType): readonly DataField[] {
  const since = (known: boolean, ...fields: readonly DataField[]) => (known ? fields : [])
  return [
    { name: 'TypeMeta', type: typeMeta },
    { name: 'DeploymentMeta', type: gates.deploymentMetaIsName ? namespacedName : objectMeta },
    { name: 'ObjectMeta', type: objectMeta },
    { name: 'Spec', type: podType('PodSpec') },
    { name: 'ProxyConfig', type: pointerTo(protoTypes.message(proxyConfigMessage)) },
    { name: 'MeshConfig', type: pointerTo(protoTypes.message(meshConfigMessage)) },
    { name: 'Values', type: anyMapType },
    { name: 'Revision', type: stringType },
    ...since(gates.nativeSidecarsAuto, { name: 'NativeSidecars', type: boolType }),
    ...since(gates.proxyImageInData, { name: 'ProxyImage', type: stringType }),
    ...since(gates.proxyInitImage, { name: 'ProxyInitImage', type: stringType }),
    ...since(
      gates.openShiftIds,
      { name: 'ProxyUID', type: int64Type },
      { name: 'ProxyGID', type: int64Type },
    ),
    ...since(gates.inboundTrafficPolicyMode, { name: 'InboundTrafficPolicyMode', type: stringType }),
    ...since(gates.compliancePolicy, { name: 'CompliancePolicy', type: stringType }),
  ]
}

/** The root of every template's data: a pointer, as Istio passes one. */
export function templateData(model: TemplateModel, facts: TemplateFacts): PointerValue {
  const { deployMeta, protoTypes } = { ...facts, ...model }
  const { kind, apiVersion, name, namespace } = deployMeta
  const backing: Readonly<Record<TemplateField, GoValue>> = {
    TypeMeta: { Kind: kind, APIVersion: apiVersion },
    DeploymentMeta: model.gates.deploymentMetaIsName
      ? { Name: name, Namespace: namespace }
      : deployMeta.objectMeta,
    ObjectMeta: metadataOf(facts.pod),
    Spec: specOf(facts.pod),
    ProxyConfig: protoTypes.pointer(proxyConfigMessage, facts.proxyConfig),
    MeshConfig: protoTypes.pointer(meshConfigMessage, facts.mesh),
    Values: facts.values ?? new MapValue(anyMapType, undefined),
    // Istio's chart names every control plane, `default` if it has no suffix.
    Revision: facts.revision,
    NativeSidecars: facts.nativeSidecars,
    ProxyImage: facts.proxyImage,
    ProxyInitImage: facts.proxyInitImage,
    ProxyUID: facts.proxyIds.uid,
    ProxyGID: facts.proxyIds.gid,
    InboundTrafficPolicyMode: inboundMode(facts.mesh),
    CompliancePolicy: facts.compliancePolicy,
  }
  return new PointerValue(pointerTo(model.data), new StructValue(model.data, backing, true))
}

/** LOCALHOST of MeshConfig.InboundTrafficPolicy.Mode is 1; everything else means passthrough. Istio 1.22+. */
function inboundMode(mesh: MeshConfig): string {
  return mesh.inboundTrafficPolicy?.['mode'] === 1 ? 'localhost' : 'passthrough'
}
