/** Owns: `remora completion`: the shells that it knows, and what is offered where. The scripts are completion-SHELL.ts. */
import {
  COMPLETION_OPTIONS,
  commandHelp,
  type Option,
  OptionError,
  readOptions,
  splitArguments,
} from '../config/index.ts'
import type { Command, Offer } from './command.ts'
import { bashCompletion } from './completion-bash.ts'
import { zshCompletion } from './completion-zsh.ts'
import { ownText } from './text.ts'

const SHELLS = { bash: bashCompletion, zsh: zshCompletion } as const
const names = Object.keys(SHELLS)

const DESCRIPTION = {
  name: 'completion',
  summary: 'print what makes a shell complete commands, options and values: source <(remora completion bash)',
  forms: [names.join('|')],
  options: COMPLETION_OPTIONS,
}

/** The other commands are asked for late, because this is one of them. */
export function createCompletionCommand(commands: () => readonly Command[]): Command {
  return {
    name: DESCRIPTION.name,
    summary: DESCRIPTION.summary,
    options: DESCRIPTION.options,
    words: [{ values: names }, { values: [] }],
    help: () => commandHelp(DESCRIPTION),
    async run(args, io) {
      const { words, args: flags } = splitArguments(COMPLETION_OPTIONS, args)
      if (readOptions(COMPLETION_OPTIONS, { args: flags, env: io.env }).help === true) {
        io.out(ownText(commandHelp(DESCRIPTION)))
        return 0
      }
      const [shell, ...more] = words
      const write = Object.entries(SHELLS).find(([name]) => name === shell)?.[1]
      if (write === undefined || more.length > 0) {
        const found = shell === undefined ? 'nothing' : JSON.stringify(words.join(' '))
        throw new OptionError('argument-unexpected', `expected completion ${names.join('|')}, found ${found}`)
      }
      io.out(ownText(write(commands(), offerOf)))
      return 0
    },
  }
}

/** What the placeholder of an option says of its values; undefined: it takes none. */
export function offerOf({ placeholder }: Option<unknown>): Offer | undefined {
  if (placeholder === '') return undefined
  const parts = placeholder.split('|')
  const values = parts.filter((part) => /^(?:[a-z][a-z-]*|-)$/.test(part))
  if (parts.includes('DIR')) return { values, paths: 'folders' }
  return parts.includes('FILE') ? { values, paths: 'files' } : { values }
}
