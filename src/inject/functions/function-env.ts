/** What Istio's template functions stand on: types of this release, its gates and the control plane's environment. */
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
