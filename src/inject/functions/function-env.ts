/**
 * The environment of Istio's template functions: the types of the release, its gates and the control plane's variables.
 */
import type { StructType } from '../../gotemplate/index.ts'
import type { Gates } from '../../istio/index.ts'
import type { ProtoTypes } from '../data/proto-types.ts'

export interface FunctionEnv {
  readonly gates: Gates
  readonly environment: ReadonlyMap<string, string>
  readonly protoTypes: ProtoTypes
  readonly objectMeta: StructType
  readonly container: StructType
}
