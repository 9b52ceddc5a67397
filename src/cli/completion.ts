/** `remora completion`: which shells there are, and what is offered for an option. The scripts are completion-SHELL.ts. */
import { COMPLETION_OPTIONS, type Option, OptionError } from '../config/index.ts'
import { type Command, defineCommand, type Offer } from './command.ts'
import { bashCompletion } from './completion-bash.ts'
import { zshCompletion } from './completion-zsh.ts'
import { EXIT } from './exit-codes.ts'
import { ownText } from './text.ts'

const SHELLS = { bash: bashCompletion, zsh: zshCompletion } as const
const names = Object.keys(SHELLS)

/** @param commands are asked for late, because this is one of them */
export function createCompletionCommand(commands: () => readonly Command[]): Command {
  return defineCommand({
    name: 'completion',
    summary: 'print a completion script for a shell: source <(remora completion bash)',
    forms: [names.join('|')],
    options: COMPLETION_OPTIONS,
    words: [{ values: names }, { values: [] }],
    exitCodes: { success: 'the script is printed' },
    run({ words, io }) {
      const [shell, ...more] = words
      const write = Object.entries(SHELLS).find(([name]) => name === shell)?.[1]
      if (write === undefined || more.length > 0) {
        const found = shell === undefined ? 'nothing' : JSON.stringify(words.join(' '))
        throw new OptionError('argument-unexpected', `expected completion ${names.join('|')}, found ${found}`)
      }
      io.out(ownText(write(commands(), offerOf)))
      return EXIT.success
    },
  })
}

/** The values that the placeholder of an option lists; undefined for an option without a value. */
export function offerOf({ placeholder }: Option<unknown>): Offer | undefined {
  if (placeholder === '') return undefined
  const parts = placeholder.split('|')
  const values = parts.filter((part) => /^(?:[a-z][a-z-]*|-)$/.test(part))
  if (parts.includes('DIR')) return { values, paths: 'folders' }
  return parts.includes('FILE') ? { values, paths: 'files' } : { values }
}
