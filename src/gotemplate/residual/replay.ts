/**
 * Follows the tree of paths for one request: only the commands that depend on the request run. If no execution has
 * taken the path yet, or a command fails, the template must be executed as a whole, which then reports errors with
 * their positions.
 */
import type { Execution, Frame } from '../eval/execution.ts'
import { indirect, isTrue } from '../eval/truth.ts'
import { printValue } from '../fmt/print.ts'
import type { GoValue, SliceValue } from '../values.ts'
import { listGet } from '../wrap.ts'
import { lengthOf } from './elements.ts'
import type { Fork, PathEnd, PathNode, Step } from './path-tree.ts'

export interface Replayed {
  readonly end: PathEnd
  /** The values between the constant texts. */
  readonly values: readonly string[]
}

export type ReplayResult = Replayed | 'unknown' | 'closed'

interface State {
  readonly run: Execution
  readonly frames: Frame[]
  /** Dots and lists by number. */
  readonly registers: GoValue[]
  readonly values: string[]
}

/** @throws whatever the commands throw; part of the budget is then used */
export function replay(root: PathNode, run: Execution, data: GoValue): ReplayResult {
  const state: State = { run, frames: [], registers: [data], values: [] }
  const { budget } = run
  let node = root
  for (;;) {
    if (node.closed) return 'closed'
    if (!node.finished) return 'unknown'
    budget.charge(node.chargedSteps)
    budget.allocate(node.chargedText)
    const { steps, fork, end } = node
    for (let i = 0; i < steps.length; i++) perform(steps[i] as Step, state) // i is within the list
    if (end !== undefined) {
      if (end.depth > budget.maxDepth) return 'closed'
      budget.write(end.textLength)
      return { end, values: state.values }
    }
    const next = fork === undefined ? undefined : node.next.get(decide(fork, state))
    if (next === undefined) return 'unknown'
    node = next
  }
}

function perform(step: Step, state: State): void {
  const { run, frames, registers } = state
  switch (step.kind) {
    case 'write': {
      const { evaluate, place, site } = step
      run.site = site
      const value = evaluate(frames[place.frame] as Frame, registers[place.dot])
      const text = typeof value === 'string' ? value : printValue(value, run, site)
      run.budget.write(text.length)
      state.values.push(text)
      return
    }
    case 'run': {
      run.site = step.site
      const value = step.evaluate(frames[step.place.frame] as Frame, registers[step.place.dot])
      if (step.keep !== undefined) registers[step.keep] = value
      return
    }
    case 'variable':
      // A frame is entered before anything else happens in it.
      ;(frames[step.frame] as Frame).slots[step.slot] = step.value
      return
    case 'dot':
      registers[step.dot] = step.value
      return
    case 'enter': {
      const slots: GoValue[] = new Array(step.slots)
      slots[0] = registers[step.dot]
      frames[step.frame] = { run, slots }
      return
    }
    case 'turn': {
      // The fork before has checked that the list has that length.
      const element = listGet(registers[step.list] as SliceValue, step.index)
      registers[step.dot] = element
      step.store?.(frames[step.frame] as Frame, element)
    }
  }
}

function decide({ by, evaluate, place, site, keep }: Fork, { run, frames, registers }: State): number {
  run.site = site
  const value = evaluate(frames[place.frame] as Frame, registers[place.dot])
  if (by === 'truth') {
    if (keep !== undefined) registers[keep] = value
    return isTrue(value, run) ? 1 : 0
  }
  const list = indirect(value)
  if (keep !== undefined) registers[keep] = list
  return lengthOf(list)
}
