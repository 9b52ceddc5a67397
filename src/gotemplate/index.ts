/** Go's text/template, compiled once to closures: the interface for other packages. */
export * from './budget.ts'
export type * from './context.ts'
export { encodeJson } from './encode-json.ts'
export * from './errors.ts'
export { integerOf } from './eval/fit.ts'
export { sortedKeys } from './eval/map-order.ts'
export type { Trace, TraceSpan } from './eval/trace-compiler.ts'
export { indirect } from './eval/truth.ts'
export { formatValue, sprint } from './fmt/print.ts'
export { sprintf } from './fmt/printf.ts'
export * from './functions.ts'
export type {
  OperandNode,
  ParsedTemplate,
  PipeNode,
  StatementNode,
} from './parse/ast.ts'
export { parseTemplate } from './parse/parser.ts'
export { type PathEnd, PathNode } from './residual/path-tree.ts'
export type { KeyedRead } from './residual/pipe-reads.ts'
export type { PathFits } from './residual/recording.ts'
export type { Replayed } from './residual/replay.ts'
export type { ReplayOutcome, ResidualOptions, ResidualTemplate } from './residual/residual-template.ts'
export * from './source.ts'
export { sprigFunctions } from './sprig/index.ts'
export { sha256Hex, sha256Words } from './sprig/sha256.ts'
export { formatFloat } from './strconv/format-float.ts'
export * from './strconv/go-string.ts'
export { quote } from './strconv/quote.ts'
export * from './template.ts'
export * from './types.ts'
export * from './values.ts'
export * from './wrap.ts'
