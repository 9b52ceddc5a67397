/** The help texts, made from the option tables. */
import { environmentName, type OptionTable } from './option.ts'

export interface CommandDescription {
  readonly name: string
  readonly summary: string
  readonly options: OptionTable
  /** The arguments before the options, one form per line: `pod NS/NAME`. */
  readonly forms?: readonly string[]
  /** What each exit code of the command means. */
  readonly exitCodes?: readonly (readonly [code: number, meaning: string])[]
}

const WIDTH = 110
const INDENT = 6

/** Usage, options with defaults and environment variables, and exit codes. */
export function commandHelp(command: CommandDescription): string {
  const required = Object.entries(command.options)
    .filter(([, option]) => option.required === true)
    .map(([flag, option]) => ` --${flag} ${option.placeholder}`)
  const [first = '', ...others] = (command.forms ?? ['']).map(
    (form) => `remora ${command.name}${form === '' ? '' : ` ${form}`}${required.join('')} [options]`,
  )
  const lines = [
    command.summary,
    '',
    `Usage: ${first}`,
    ...others.map((form) => `       ${form}`),
    '',
    'Options (if an option is given more than once, the last one is used, unless it is repeatable):',
  ]
  for (const [flag, option] of Object.entries(command.options)) {
    if (option.hidden === true) continue
    const short = option.short === undefined ? '' : `-${option.short}, `
    lines.push(`  ${short}--${flag}${option.placeholder === '' ? '' : ` ${option.placeholder}`}`)
    const facts = [
      option.required === true ? 'required' : '',
      option.repeatable === true ? 'repeatable' : '',
      option.defaultText === undefined ? '' : `default ${option.defaultText}`,
      flag === 'help' ? '' : environmentName(flag),
    ].filter((fact) => fact !== '')
    lines.push(...wrap(option.help + (facts.length === 0 ? '' : ` (${facts.join(', ')})`)))
  }
  if (command.exitCodes !== undefined) lines.push('', 'Exit codes:')
  for (const [code, meaning] of command.exitCodes ?? [])
    lines.push(`  ${code}   ${wrap(meaning).join('\n').trimStart()}`)
  return `${lines.join('\n')}\n`
}

/** The list of commands. */
export function overviewHelp(
  commands: readonly Pick<CommandDescription, 'name' | 'summary'>[],
  version: string,
): string {
  const width = Math.max(...commands.map((command) => command.name.length))
  return [
    `Remora ${version}: a revision-aware Istio sidecar injector`,
    '',
    'Usage: remora COMMAND [options]',
    '',
    'Commands:',
    ...commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`),
    '',
    'Run remora COMMAND --help for the options of a command.',
    '',
  ].join('\n')
}

function wrap(text: string): string[] {
  const lines: string[] = []
  let line = ' '.repeat(INDENT)
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > WIDTH) {
      lines.push(line.trimEnd())
      line = ' '.repeat(INDENT)
    }
    line += `${word} `
  }
  return [...lines, line.trimEnd()]
}
