/** The help texts, made from the option tables. */
import { environmentName, type Option, type OptionTable } from './option.ts'

export interface CommandDescription {
  readonly name: string
  readonly summary: string
  readonly options: OptionTable
  /** The arguments before the options, one form per line: `pod/NAME`. */
  readonly forms?: readonly string[]
  /** What each exit code of the command means. */
  readonly exitCodes?: readonly (readonly [code: number, meaning: string])[]
}

const INDENT = 6

/**
 * Usage, options with defaults and environment variables, and exit codes.
 * @param columns the width of the longest line
 */
export function commandHelp(command: CommandDescription, columns: number): string {
  const required = Object.entries(command.options)
    .filter(([, option]) => option.required === true)
    .map(([flag, option]) => ` --${flag} ${option.placeholder}`)
  const [first = '', ...others] = (command.forms ?? ['']).map(
    (form) => `remora ${command.name}${form === '' ? '' : ` ${form}`}${required.join('')} [options]`,
  )
  const lines = [
    ...wrap(command.summary, { columns }),
    '',
    `Usage: ${first}`,
    ...others.map((form) => `       ${form}`),
    '',
    ...wrap(
      'Options (if an option is given more than once, the last one is used, unless it is repeatable):',
      { columns },
    ),
  ]
  const shown = Object.entries(command.options).filter(([, option]) => option.hidden !== true)
  for (const [flag, option] of shown.filter(([, { advanced }]) => advanced !== true))
    lines.push(...optionLines(flag, option, columns))
  const advanced = shown.filter(([, option]) => option.advanced === true)
  if (advanced.length > 0) lines.push('', 'Options that must be the same as those of the server:')
  for (const [flag, option] of advanced) lines.push(...optionLines(flag, option, columns))
  if (command.exitCodes !== undefined) lines.push('', 'Exit codes:')
  for (const [code, meaning] of command.exitCodes ?? [])
    lines.push(`  ${code}   ${wrap(meaning, { columns, indent: INDENT }).join('\n').trimStart()}`)
  return `${lines.join('\n')}\n`
}

function optionLines(flag: string, option: Option<unknown>, columns: number): readonly string[] {
  const short = option.short === undefined ? '' : `-${option.short}, `
  const facts = [
    option.required === true ? 'required' : '',
    option.repeatable === true ? 'repeatable' : '',
    option.defaultText === undefined ? '' : `default ${option.defaultText}`,
    flag === 'help' ? '' : environmentName(flag),
  ].filter((fact) => fact !== '')
  return [
    `  ${short}--${flag}${option.placeholder === '' ? '' : ` ${option.placeholder}`}`,
    ...wrap(option.help + (facts.length === 0 ? '' : ` (${facts.join(', ')})`), { columns, indent: INDENT }),
  ]
}

/** The list of commands. @param columns the width of the longest line */
export function overviewHelp(
  commands: readonly Pick<CommandDescription, 'name' | 'summary'>[],
  version: string,
  columns: number,
): string {
  const indent = Math.max(...commands.map((command) => command.name.length)) + 4
  return [
    `Remora ${version}: a revision-aware Istio sidecar injector`,
    '',
    'Usage: remora COMMAND [options]',
    '',
    'Commands:',
    ...commands.map(({ name, summary }) => {
      const rows = wrap(summary, { columns, indent }).join('\n').trimStart()
      return `  ${name.padEnd(indent - 2)}${rows}`
    }),
    '',
    'Run remora COMMAND --help for the options of a command.',
    '',
  ].join('\n')
}

function wrap(
  text: string,
  { columns, indent = 0 }: { readonly columns: number; readonly indent?: number },
): string[] {
  const lines: string[] = []
  let line = ' '.repeat(indent)
  for (const word of text.split(' ')) {
    if (line.length + word.length > columns && line.trim() !== '') {
      lines.push(line.trimEnd())
      line = ' '.repeat(indent)
    }
    line += `${word} `
  }
  return [...lines, line.trimEnd()]
}
