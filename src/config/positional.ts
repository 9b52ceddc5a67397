/** Separates a command's words (files, names) from its options, before the options are read. */
import type { OptionTable } from './option.ts'

export interface SplitArguments {
  readonly words: readonly string[]
  /** For `readOptions`. */
  readonly args: readonly string[]
}

/** After `--` everything is a word. */
export function splitArguments(table: OptionTable, args: readonly string[]): SplitArguments {
  const words: string[] = []
  const rest: string[] = []
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? ''
    if (arg === '--') {
      words.push(...args.slice(i + 1))
      break
    }
    if (!arg.startsWith('-') || arg === '-') {
      words.push(arg)
      continue
    }
    rest.push(arg)
    const next = args[i + 1]
    if (!arg.includes('=') && takesValue(table, arg) && next !== undefined) {
      rest.push(next)
      i++
    }
  }
  return { words, args: rest }
}

function takesValue(table: OptionTable, typed: string): boolean {
  return Object.entries(table).some(
    ([flag, option]) =>
      option.placeholder !== '' &&
      (typed === `--${flag}` || (option.short !== undefined && typed === `-${option.short}`)),
  )
}
