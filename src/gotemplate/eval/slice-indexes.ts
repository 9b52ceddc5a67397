/**
 * A quirk of Go's builtin `slice` (not of `index`, and not of sprig's slice): an index that is read directly from a
 * map[string]any counts as `interface {}` and is refused; in parentheses it is an integer.
 */
import type { OperandNode } from '../parse/ast.ts'
import { isGoMap, MapValue, StructValue } from '../values.ts'
import type { Compiler } from './compiler.ts'
import type { Evaluate } from './execution.ts'
import { indirect } from './truth.ts'

/** Evaluates the index like `evaluate`, or refuses it. */
export function compileSliceIndex(compiler: Compiler, node: OperandNode, evaluate: Evaluate): Evaluate {
  if (node.kind !== 'field' && node.kind !== 'variable' && node.kind !== 'chain') return evaluate
  const name = node.names[node.names.length - 1]
  if (name === undefined) return evaluate
  const holderOf = compileHolder(compiler, node)
  const site = compiler.site(node)
  return (frame, dot) => {
    const value = evaluate(frame, dot)
    if (value === undefined || value === null) return value
    const holder = indirect(holderOf(frame, dot))
    const inInterface =
      isGoMap(holder) ||
      (holder instanceof MapValue && holder.type.elem.kind === 'interface') ||
      (holder instanceof StructValue && holder.type.fieldPath(name)?.at(-1)?.type.kind === 'interface')
    if (!inInterface) return value
    return site.fail('type-mismatch', 'error calling slice: cannot index slice/array with type interface {}')
  }
}

/** The value that the last name is read from. */
function compileHolder(
  compiler: Compiler,
  node: Extract<OperandNode, { kind: 'field' | 'variable' | 'chain' }>,
): Evaluate {
  const names = node.names.slice(0, -1)
  if (names.length > 0 || node.kind === 'variable') return compiler.operand({ ...node, names })
  return node.kind === 'field' ? (_, dot) => dot : compiler.operand(node.operand)
}
