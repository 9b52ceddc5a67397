/** Sequences of integers; their length is charged before they are created. */
import type { Budget } from '../budget.ts'
import type { FunctionTable } from '../functions.ts'
import { intType, sliceOf } from '../types.ts'
import { SliceValue } from '../values.ts'
import { count, stringType } from './define.ts'

function numbers(start: number, end: number, step: number, budget: Budget): bigint[] {
  const runs = end < start ? step < 0 : step > 0
  if (!runs || end === start) return []
  const length = Math.ceil(Math.abs(end - start) / Math.abs(step))
  budget.charge(length)
  return Array.from({ length }, (_, i) => BigInt(start + i * step))
}

export function untilStep(start: number, end: number, step: number, budget: Budget): SliceValue {
  return new SliceValue(sliceOf(intType), numbers(start, end, step, budget))
}

/** Like the shell's seq: start, step and end, inclusive. */
function seq(params: readonly number[], budget: Budget): string {
  const [first = 0, second = 0, third = 0] = params
  const text = (start: number, end: number, step: number): string =>
    numbers(start, end, step, budget).join(' ')
  switch (params.length) {
    case 1: {
      const step = first < 1 ? -1 : 1
      return text(1, first + step, step)
    }
    case 2: {
      const step = second < first ? -1 : 1
      return text(first, second + step, step)
    }
    case 3: {
      const down = third < first
      if (down && second > 0) return ''
      return text(first, third + (down ? -1 : 1), second)
    }
    default:
      return ''
  }
}

export const sequences: FunctionTable = {
  seq: {
    params: [intType],
    variadic: true,
    returns: stringType,
    call: (params, { budget }) => seq(params.map(count), budget),
  },
}
