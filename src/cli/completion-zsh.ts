/** The completion script for zsh, which uses `_arguments`. */
import type { Option } from '../config/index.ts'
import type { Command, Offer } from './command.ts'

type OfferOf = (option: Option<unknown>) => Offer | undefined

/** Works as a file `_remora` in `fpath`, and when it is sourced. */
export function zshCompletion(commands: readonly Command[], offerOf: OfferOf): string {
  return `${[
    '#compdef remora',
    '# zsh completion for remora. Enable it after compinit: source <(remora completion zsh)',
    '_remora() {',
    '  local -a commands',
    '  if (( CURRENT == 2 )); then',
    '    commands=(',
    ...commands.map(({ name, summary }) => `      ${quote(`${name}:${summary}`)}`),
    '    )',
    "    _describe -t commands 'command' commands",
    '    return',
    '  fi',
    '  local command=$words[2]',
    '  shift words',
    '  (( CURRENT-- ))',
    '  case $command in',
    ...commands.flatMap((command) => commandCase(command, offerOf)),
    '  esac',
    '}',
    'if [[ $funcstack[1] == _remora ]]; then',
    '  _remora "$@"',
    'else',
    '  compdef _remora remora',
    'fi',
  ].join('\n')}\n`
}

function commandCase({ name, options, words = [] }: Command, offerOf: OfferOf): readonly string[] {
  const shown = Object.entries(options).filter(([, option]) => option.hidden !== true)
  const specs = [
    ...shown.map(([flag, option]) => optionSpec(flag, option, offerOf(option))),
    ...words.flatMap((offer, i) => wordSpec(i, i === words.length - 1, offer)),
  ]
  if (specs.length === 0) return []
  return [`    ${name})`, '      _arguments -s \\', ...joined(specs), '      ;;']
}

function joined(specs: readonly string[]): readonly string[] {
  return specs.map((spec, i) => `        ${spec}${i === specs.length - 1 ? '' : ' \\'}`)
}

function optionSpec(flag: string, option: Option<unknown>, offer: Offer | undefined): string {
  const names = [`--${flag}`, ...(option.short === undefined ? [] : [`-${option.short}`])]
  const again = option.repeatable === true
  const help = `[${escapeSpec(option.help)}]`
  const value = offer === undefined ? '' : `:${escapeSpec(option.placeholder)}:${action(offer)}`
  const assign = offer === undefined ? '' : '='
  if (names.length === 1) return quote(`${again ? '*' : ''}--${flag}${assign}${help}${value}`)
  // The long and the short form exclude each other, unless the option is repeatable.
  const head = again ? '*' : `(${names.join(' ')})`
  return `${quote(head)}{-${option.short},--${flag}${assign}}${quote(`${help}${value}`)}`
}

function wordSpec(place: number, last: boolean, offer: Offer): readonly string[] {
  if (last && offer.values.length === 0 && offer.paths === undefined) return []
  const where = last ? '*' : String(place + 1)
  return [quote(`${where}:word:${action(offer)}`)]
}

/** A blank action offers nothing: any value is valid. */
function action({ values, paths }: Offer): string {
  const files = paths === 'files' ? '_files' : '_files -/'
  if (paths !== undefined) return values.length === 0 ? files : `{ compadd -- ${values.join(' ')}; ${files} }`
  return values.length === 0 ? ' ' : `(${values.join(' ')})`
}

/** Brackets and colons have a meaning in a specification. */
function escapeSpec(text: string): string {
  return text.replace(/[[\]:\\]/g, '\\$&')
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
