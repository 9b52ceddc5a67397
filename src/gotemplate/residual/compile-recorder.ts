/**
 * Compiles statements so that running them records which of them depend on the request. The expressions are those of
 * the ordinary compiler; only statements are instrumented.
 */

import { BREAK, NORMAL } from '../eval/execution.ts'
import { compileRange, compileTurnStores } from '../eval/ranges.ts'
import { indirect, isTrue } from '../eval/truth.ts'
import { printValue } from '../fmt/print.ts'
import type {
  ActionNode,
  BranchNode,
  ListNode,
  PipeNode,
  RangeNode,
  StatementNode,
  TemplateNode,
} from '../parse/ast.ts'
import type { GoValue, SliceValue } from '../values.ts'
import { listGet } from '../wrap.ts'
import { lengthOf, mapSizeOf, pairsOf } from './elements.ts'
import {
  command,
  constantDot,
  type RecorderContext,
  type RecordStatement,
  setConstant,
  slotsOf,
} from './recorder-context.ts'
import { type Command, placeOf, type RecordedDot, type RecordedFrame, type Recording } from './recording.ts'

/** @throws Unspecialised if the reads of a statement are unknown */
export function recordList(context: RecorderContext, list: ListNode): RecordStatement {
  const statements = list.nodes.map((node) => recordStatement(context, node))
  return (recording, frame, dot) => {
    for (const statement of statements) {
      const ending = statement(recording, frame, dot)
      if (ending !== NORMAL) return ending
    }
    return NORMAL
  }
}

function recordStatement(context: RecorderContext, node: StatementNode): RecordStatement {
  const { compiler } = context
  switch (node.kind) {
    case 'text': {
      const site = compiler.site({ kind: 'text', offset: node.offset })
      return (recording) => {
        recording.run.site = site
        recording.text(node.text)
        return NORMAL
      }
    }
    case 'action':
      return node.pipe.variables.length > 0 ? recordAssignment(context, node) : recordWrite(context, node)
    case 'if':
    case 'with':
      return compiler.nested(() => recordBranch(context, node))
    case 'range':
      return compiler.nested(() => recordRange(context, node))
    case 'template':
      return recordTemplateCall(context, node)
    case 'break':
    case 'continue': {
      const ending = compiler.list({ kind: 'list', offset: node.offset, nodes: [node] })
      return (_, { frame }, { value }) => ending(frame, value)
    }
  }
}

function recordWrite(context: RecorderContext, { pipe }: ActionNode): RecordStatement {
  const { evaluate, reads, site } = command(context, pipe)
  return (recording, frame, dot) => {
    const { run } = recording
    run.site = site
    const print = (): string => {
      const value = evaluate(frame.frame, dot.value)
      return typeof value === 'string' ? value : printValue(value, run, site)
    }
    if (recording.varies(reads, frame, dot)) {
      recording.write(print(), { evaluate, place: placeOf(frame, dot), site })
    } else recording.text(recording.constant(print))
    return NORMAL
  }
}

function recordAssignment(context: RecorderContext, { pipe }: ActionNode): RecordStatement {
  const read = command(context, pipe)
  const slots = slotsOf(context, pipe)
  return (recording, frame, dot) => {
    recording.run.site = read.site
    if (recording.varies(read.reads, frame, dot)) {
      read.evaluate(frame.frame, dot.value)
      const { evaluate, site } = read
      recording.step({ kind: 'run', evaluate, place: placeOf(frame, dot), site, keep: undefined })
      for (const slot of slots) frame.varying.add(slot)
    } else {
      recording.constant(() => read.evaluate(frame.frame, dot.value))
      for (const slot of slots) setConstant(recording, frame, slot)
    }
    return NORMAL
  }
}

function recordBranch(context: RecorderContext, node: BranchNode): RecordStatement {
  const { scope } = context.compiler
  const outerDepth = scope.depth()
  const { evaluate, reads, site } = command(context, node.pipe)
  const slots = slotsOf(context, node.pipe)
  const innerDepth = scope.depth()
  const then = recordList(context, node.list)
  scope.popTo(innerDepth)
  const otherwise = node.elseList === undefined ? undefined : recordList(context, node.elseList)
  scope.popTo(outerDepth)
  const rebinds = node.kind === 'with'
  return (recording, frame, dot) => {
    recording.run.site = site
    let inner = dot
    let truth: boolean
    if (recording.varies(reads, frame, dot)) {
      const value = evaluate(frame.frame, dot.value)
      truth = isTrue(value, recording.run)
      for (const slot of slots) frame.varying.add(slot)
      const keep = rebinds ? recording.newRegister() : undefined
      recording.fork({ by: 'truth', evaluate, place: placeOf(frame, dot), site, keep }, truth ? 1 : 0)
      if (keep !== undefined) inner = { value, register: keep, is: 'varying' }
    } else {
      const value = recording.constant(() => evaluate(frame.frame, dot.value))
      truth = isTrue(value, recording.run)
      for (const slot of slots) setConstant(recording, frame, slot)
      if (rebinds && truth) inner = constantDot(recording, value)
    }
    if (truth) return then(recording, frame, inner)
    return otherwise === undefined ? NORMAL : otherwise(recording, frame, dot)
  }
}

function recordTemplateCall(context: RecorderContext, node: TemplateNode): RecordStatement {
  const site = context.compiler.site(node)
  const code = context.templates.get(node.name)
  if (code === undefined) {
    const fail = context.compiler.list({ kind: 'list', offset: node.offset, nodes: [node] })
    return (_, { frame }, { value }) => fail(frame, value)
  }
  const read = node.pipe === undefined ? undefined : command(context, node.pipe)
  const handsOn = node.pipe === undefined ? undefined : handedOn(node.pipe)
  return (recording, frame, dot) => {
    const { run } = recording
    run.site = site
    recording.constant(() => run.budget.step())
    const depth = run.depth + code.nesting
    if (depth > run.budget.maxDepth) {
      return site.fail('too-deep', `exceeded maximum template depth (${run.budget.maxDepth})`)
    }
    const inner =
      handsOn === 'dot' || (handsOn === '$' && frame.rooted && dot.is === 'root')
        ? dot
        : argumentOf(recording, frame, dot, read)
    run.depth = depth
    recording.reached(depth)
    const entered: RecordedFrame = {
      frame: { run, slots: new Array(code.slots) },
      index: recording.newFrame(),
      rooted: inner.is === 'root',
      varying: new Set(inner.is === 'varying' ? [0] : []),
    }
    entered.frame.slots[0] = inner.value
    recording.step({ kind: 'enter', frame: entered.index, slots: code.slots, dot: inner.register })
    code.body(recording, entered, inner)
    run.depth = depth - code.nesting
    return NORMAL
  }
}

/** `{{ template "x" . }}` and `{{ template "x" $ }}`: the argument is dot or `$` itself. */
function handedOn({ variables, commands: [only, ...more] }: PipeNode): 'dot' | '$' | undefined {
  const operand = only?.operands.length === 1 ? only.operands[0] : undefined
  if (variables.length > 0 || more.length > 0 || operand === undefined) return undefined
  if (operand.kind === 'dot') return 'dot'
  return operand.kind === 'variable' && operand.name === '$' && operand.names.length === 0 ? '$' : undefined
}

function argumentOf(
  recording: Recording,
  frame: RecordedFrame,
  dot: RecordedDot,
  read: Command | undefined,
): RecordedDot {
  if (read === undefined) return constantDot(recording, undefined)
  if (!recording.varies(read.reads, frame, dot)) {
    return constantDot(
      recording,
      recording.constant(() => read.evaluate(frame.frame, dot.value)),
    )
  }
  const { evaluate, site } = read
  const register = recording.newRegister()
  const value = evaluate(frame.frame, dot.value)
  recording.step({ kind: 'run', evaluate, place: placeOf(frame, dot), site, keep: register })
  return { value, register, is: 'varying' }
}

function recordRange(context: RecorderContext, node: RangeNode): RecordStatement {
  const { compiler } = context
  // For anything but a list or a constant map.
  const whole = compileRange(compiler, node)
  const outerDepth = compiler.scope.depth()
  const { evaluate, reads, site } = command(context, node.pipe)
  const { storeKey, storeElement } = compileTurnStores(compiler, node)
  const [first, second] = slotsOf(context, node.pipe)
  const [keySlot, elementSlot] = second === undefined ? [undefined, first] : [first, second]
  const innerDepth = compiler.scope.depth()
  const body = recordList(context, node.list)
  compiler.scope.popTo(innerDepth)
  const otherwise = node.elseList === undefined ? undefined : recordList(context, node.elseList)
  compiler.scope.popTo(outerDepth)

  const turnConstant = (
    recording: Recording,
    frame: RecordedFrame,
    [key, element]: readonly [GoValue, GoValue],
  ): boolean => {
    recording.constant(() => recording.run.budget.step())
    storeElement?.(frame.frame, element)
    if (elementSlot !== undefined) setConstant(recording, frame, elementSlot)
    storeKey?.(frame.frame, key)
    if (keySlot !== undefined) setConstant(recording, frame, keySlot)
    return body(recording, frame, constantDot(recording, element)) !== BREAK
  }
  const turnVarying = (
    recording: Recording,
    frame: RecordedFrame,
    { list, value, index }: { readonly list: number; readonly value: GoValue; readonly index: number },
  ): boolean => {
    recording.constant(() => recording.run.budget.step())
    const register = recording.newRegister()
    storeElement?.(frame.frame, value)
    if (elementSlot !== undefined) frame.varying.add(elementSlot)
    recording.step({ kind: 'turn', list, index, dot: register, frame: frame.index, store: storeElement })
    storeKey?.(frame.frame, BigInt(index))
    if (keySlot !== undefined) setConstant(recording, frame, keySlot)
    return body(recording, frame, { value, register, is: 'varying' }) !== BREAK
  }

  return (recording, frame, dot) => {
    const { run } = recording
    run.site = site
    const before = run.budget.usage()
    let turns: number
    if (recording.varies(reads, frame, dot)) {
      const value = indirect(evaluate(frame.frame, dot.value))
      const list = recording.newRegister()
      turns = lengthOf(value)
      recording.fork({ by: 'length', evaluate, place: placeOf(frame, dot), site, keep: list }, turns)
      for (let index = 0; index < turns; index++) {
        // It has a length, so it is a list.
        const element = listGet(value as SliceValue, index)
        if (!turnVarying(recording, frame, { list, value: element, index })) break
      }
    } else {
      const value = recording.constant(() => indirect(evaluate(frame.frame, dot.value)))
      const pairs = recording.constant(() => pairsOf(value, () => run.budget.charge(mapSizeOf(value))))
      turns = pairs?.length ?? -1
      for (const pair of pairs ?? []) if (!turnConstant(recording, frame, pair)) break
    }
    if (turns < 0) {
      recording.close()
      run.budget.reset(before)
      return whole(frame.frame, dot.value)
    }
    return turns > 0 || otherwise === undefined ? NORMAL : otherwise(recording, frame, dot)
  }
}
