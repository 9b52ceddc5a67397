export { decodeMergedPod, decodePod, decodeTyped, encodePod, encodeTyped, type TypedName } from './codec.ts'
export type { CodecOptions } from './codec-table.ts'
export { decodeJsonText, withFields } from './decode-json-text.ts'
export * from './dry-run.ts'
export { KubeError, type KubeErrorCode } from './error.ts'
export * from './labels.ts'
export {
  groupOf,
  type KindRow,
  kindRow,
  OBJECT_KINDS,
  type ObjectKind,
  objectKindOf,
  titleOfKind,
} from './object-kinds.ts'
export { comparePods, missingFrom, type PodDifference, podDifferences } from './pod-differences.ts'
export * from './pod-owner.ts'
export * from './pod-template.ts'
export { podToCreate, withVolumeClaims } from './pod-to-create.ts'
export { parseQuantity, type QuantityResult } from './quantity.ts'
export { quantityValue } from './quantity-value.ts'
export {
  compileSelector,
  type LabelPredicate,
  type LabelSelector,
  type LabelSelectorRequirement,
} from './selector.ts'
export { parseSelectorText } from './selector-text.ts'
export { type StrictOptions, type StrictRemark, strictRemarks } from './strict-fields.ts'
export { parseTime, type TimeResult } from './time.ts'
export * from './typed-pod.ts'
export type * from './types.ts'
export * from './validation/index.ts'
export { type UnknownField, unknownWorkloadFields } from './workload-fields.ts'
