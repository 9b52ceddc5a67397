/** The help texts, made from the option tables. */
import { environmentName, type OptionTable } from './option.ts'

export interface CommandDescription {
  readonly name: string
  readonly summary: string
  readonly options: OptionTable
  /** What stands before the options: `pod NS/NAME`, one form a line. */
  readonly forms?: readonly string[]
  /** What each exit code of the command means. */
  readonly exitCodes?: readonly (readonly [code: number, meaning: string])[]
}

const WIDTH = 110
const INDENT = 6

/** The help of one command: usage, then each option with its help, default and environment variable. */
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
    'Options (given again, the last one counts unless it may be repeated):',
  ]
  for (const [flag, option] of Object.entries(command.options)) {
    if (option.hidden === true) continue
    const short = option.short === undefined ? '' : `-${option.short}, `
    lines.push(`  ${short}--${flag}${option.placeholder === '' ? '' : ` ${option.placeholder}`}`)
    const facts = [
      option.required === true ? 'required' : '',
      option.repeatable === true ? 'may be repeated' : '',
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

/** The help of the executable. */
export function overviewHelp(
  commands: readonly Pick<CommandDescription, 'name' | 'summary'>[],
  version: string,
): string {
  const width = Math.max(...commands.map((command) => command.name.length))
  return [
    `Remora ${version}: a revision-aware Istio sidecar injector that can explain itself`,
    '',
    'Usage: remora COMMAND [options]',
    '',
    'Commands:',
    ...commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`),
    '',
    'remora COMMAND --help prints the options of a command.',
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
