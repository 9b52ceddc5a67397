/** What the recorders of all kinds of statements share: their context, the commands in them and what is constant on a path. */
import type { Ending } from '../eval/execution.ts'
import type { TemplateCompiler } from '../eval/template-compiler.ts'
import type { PipeNode } from '../parse/ast.ts'
import type { GoValue } from '../values.ts'
import { type KeyedRead, readsOf, slotOf } from './pipe-reads.ts'
import type { Command, RecordedDot, RecordedFrame, Recording } from './recording.ts'

/** A compiled statement; returns how it ended. */
export type RecordStatement = (recording: Recording, frame: RecordedFrame, dot: RecordedDot) => Ending

export interface RecorderCode {
  body: RecordStatement
  slots: number
  nesting: number
}

export interface RecorderContext {
  readonly compiler: TemplateCompiler
  readonly keyed: readonly KeyedRead[]
  readonly templates: ReadonlyMap<string, RecorderCode>
}

export function command({ compiler, keyed }: RecorderContext, pipe: PipeNode): Command {
  // Before compiling: what the pipeline declares itself is not one of its reads.
  const reads = readsOf(pipe, compiler.scope, keyed)
  return { reads, evaluate: compiler.pipeline(pipe), site: compiler.site(pipe) }
}

export function slotsOf({ compiler }: RecorderContext, pipe: PipeNode): readonly number[] {
  return pipe.variables.map((name) => slotOf(name, compiler.scope))
}

/** On this path every request sets the variable to the value that it has just been set to. */
export function setConstant(recording: Recording, frame: RecordedFrame, slot: number): void {
  frame.varying.delete(slot)
  recording.step({ kind: 'variable', frame: frame.index, slot, value: frame.frame.slots[slot] })
}

export function constantDot(recording: Recording, value: GoValue): RecordedDot {
  const register = recording.newRegister()
  recording.step({ kind: 'dot', dot: register, value })
  return { value, register, is: 'constant' }
}
