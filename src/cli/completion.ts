/** `remora completion`: the list of shells. Their scripts call complete.ts at each Tab. */
import { COMPLETION_OPTIONS, OptionError } from '../config/index.ts'
import { type Command, defineCommand } from './command.ts'
import { SCRIPTS } from './completion-scripts.ts'
import { EXIT } from './exit-codes.ts'
import { ownText } from './text.ts'

const names = Object.keys(SCRIPTS)

export function createCompletionCommand(): Command {
  return defineCommand({
    name: 'completion',
    summary: 'print a completion script for a shell, for example: source <(remora completion bash)',
    forms: [names.join('|')],
    options: COMPLETION_OPTIONS,
    words: [{ values: names }, { values: [] }],
    exitCodes: { success: 'the script is printed' },
    run({ words, io }) {
      const [shell, ...more] = words
      const script = Object.entries(SCRIPTS).find(([name]) => name === shell)?.[1]
      if (script === undefined || more.length > 0) {
        const found = shell === undefined ? 'nothing' : JSON.stringify(words.join(' '))
        throw new OptionError('argument-unexpected', `expected completion ${names.join('|')}, found ${found}`)
      }
      io.out(ownText(script))
      return EXIT.success
    },
  })
}
