/** Compiles text, actions, if, with, template calls and jumps. range is in ranges.ts. */

import { printValue } from '../fmt/print.ts'
import type { ActionNode, BranchNode, ListNode, StatementNode, TemplateNode } from '../parse/ast.ts'
import type { Compiler } from './compiler.ts'
import { BREAK, CONTINUE, type Ending, type Execute, type Frame, NORMAL } from './execution.ts'
import { compileRange } from './ranges.ts'
import { isTrue } from './truth.ts'

export function compileList(compiler: Compiler, list: ListNode): Execute {
  const statements = list.nodes.map((node) => compileStatement(compiler, node))
  const [only] = statements
  if (only === undefined) return () => NORMAL
  if (statements.length === 1) return only
  const count = statements.length
  return (frame, dot) => {
    for (let i = 0; i < count; i++) {
      const ending: Ending = statements[i]?.(frame, dot) ?? NORMAL
      if (ending !== NORMAL) return ending
    }
    return NORMAL
  }
}

function compileStatement(compiler: Compiler, node: StatementNode): Execute {
  switch (node.kind) {
    case 'text': {
      const { text } = node
      const site = compiler.site({ kind: 'text', offset: node.offset })
      return (frame) => {
        frame.run.site = site
        frame.run.write(text)
        return NORMAL
      }
    }
    case 'action':
      return compileAction(compiler, node)
    case 'if':
    case 'with':
      return compiler.nested(() => compileBranch(compiler, node))
    case 'range':
      return compiler.nested(() => compileRange(compiler, node))
    case 'template':
      return compileTemplateCall(compiler, node)
    case 'break':
      return () => BREAK
    case 'continue':
      return () => CONTINUE
  }
}

function compileAction(compiler: Compiler, node: ActionNode): Execute {
  const evaluate = compiler.pipeline(node.pipe)
  const site = compiler.site(node.pipe)
  if (node.pipe.variables.length > 0) {
    return (frame, dot) => {
      frame.run.site = site
      evaluate(frame, dot)
      return NORMAL
    }
  }
  return (frame, dot) => {
    frame.run.site = site
    const value = evaluate(frame, dot)
    frame.run.write(typeof value === 'string' ? value : printValue(value, frame.run, site))
    return NORMAL
  }
}

function compileBranch(compiler: Compiler, node: BranchNode): Execute {
  const outerDepth = compiler.scope.depth()
  const evaluate = compiler.pipeline(node.pipe)
  const site = compiler.site(node.pipe)
  const innerDepth = compiler.scope.depth()
  const then = compiler.list(node.list)
  compiler.scope.popTo(innerDepth)
  const otherwise = node.elseList === undefined ? undefined : compiler.list(node.elseList)
  compiler.scope.popTo(outerDepth)
  const rebinds = node.kind === 'with'
  return (frame, dot) => {
    frame.run.site = site
    const value = evaluate(frame, dot)
    if (isTrue(value, frame.run)) return then(frame, rebinds ? value : dot)
    return otherwise === undefined ? NORMAL : otherwise(frame, dot)
  }
}

function compileTemplateCall(compiler: Compiler, node: TemplateNode): Execute {
  const site = compiler.site(node)
  const code = compiler.set.templates.get(node.name)
  if (code === undefined) {
    const message = `template ${JSON.stringify(node.name)} not defined`
    return () => site.fail('undefined-template', message)
  }
  const evaluate = node.pipe === undefined ? undefined : compiler.pipeline(node.pipe)
  return (frame, dot) => {
    const { run } = frame
    run.site = site
    run.budget.step()
    const depth = run.depth + code.nesting
    if (depth > run.budget.maxDepth) {
      return site.fail('too-deep', `exceeded maximum template depth (${run.budget.maxDepth})`)
    }
    const value = evaluate?.(frame, dot)
    run.depth = depth
    const inner: Frame = { run, slots: new Array(code.slots) }
    inner.slots[0] = value
    code.body(inner, value)
    run.depth = depth - code.nesting
    return NORMAL
  }
}
