/** Why a pod gets its result, and what would change it: the interface for other packages. */

export {
  compareSidecars,
  discoveryService,
  type ExistingSidecar,
  readSidecar,
  type SidecarDifference,
} from '../../dataplane/index.ts'
export { type ConditionFinding, describeFinding } from './condition-finding.ts'
export { type Counterfactual, findCounterfactuals } from './counterfactual.ts'
export { explainPod, type PodExplanation, type PodQuestion, type PodResult } from './explain-pod.ts'
export type { Input, InputKind } from './input-variants.ts'
export {
  applyLabelChanges,
  describeLabelChange,
  type LabelChange,
  type LabelState,
  revertLabelChanges,
} from './label-change.ts'
export type { PolicyStep, PolicyTrace } from './policy-trace.ts'
export {
  type FieldSource,
  findProvenance,
  type Provenance,
  type UserOverride,
  type WithheldField,
} from './provenance.ts'
export type { ReplacedField } from './replaced-fields.ts'
export type { RuleFinding, ServedName } from './rule-trace.ts'
export type { TemplateLine } from './template-lines.ts'
export { findWebhookCalls, type LabelsOfPod, type WebhookFinding } from './webhook-calls.ts'
