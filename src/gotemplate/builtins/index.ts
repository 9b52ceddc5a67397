/** The table of Go's own template functions. */
import type { FunctionSpec, FunctionTable } from '../functions.ts'
import { reflectType } from '../types.ts'
import { comparisons } from './compare.ts'
import { indexing } from './index-slice.ts'
import { printing } from './print-escape.ts'

/** `and`, `or` and `call` are compiled by rules of their own; these rows define the number of their arguments. */
const special: FunctionSpec = {
  params: [reflectType, reflectType],
  variadic: true,
  returns: reflectType,
  call: () => undefined,
}

export const builtins: FunctionTable = {
  ...comparisons,
  ...indexing,
  ...printing,
  and: special,
  or: special,
  call: special,
}
