/** The completion script for bash 3.2 and later, so without mapfile. */
import type { Option } from '../config/index.ts'
import type { Command, Offer } from './command.ts'

type OfferOf = (option: Option<unknown>) => Offer | undefined

/** Defines and registers `_remora`, with builtins of bash only. */
export function bashCompletion(commands: readonly Command[], offerOf: OfferOf): string {
  const rows = commands.map((command) => describe(command, offerOf))
  return `${[
    '# bash completion for remora. Enable it: source <(remora completion bash)',
    '_remora() {',
    `  local cur=\${COMP_WORDS[COMP_CWORD]} option= command=\${COMP_WORDS[1]} valued=' ' offer= place=0 i line`,
    '  COMPREPLY=()',
    '  if [ "$COMP_CWORD" -le 1 ]; then',
    `    _remora_offer ${quote(commands.map(({ name }) => name).join(' '))} '' "$cur"`,
    '    return',
    '  fi',
    '  case "$command" in',
    ...rows.map(({ name, valued }) => `    ${name}) valued=${quote(` ${valued.join(' ')} `)} ;;`),
    '  esac',
    '  # bash splits --option=value into three words.',
    '  if [ "$cur" = "=" ]; then',
    '    cur=',
    `    option=\${COMP_WORDS[COMP_CWORD-1]}`,
    `  elif [ "\${COMP_WORDS[COMP_CWORD-1]}" = "=" ]; then`,
    `    option=\${COMP_WORDS[COMP_CWORD-2]}`,
    '  else',
    `    case "$valued" in *" \${COMP_WORDS[COMP_CWORD-1]} "*) option=\${COMP_WORDS[COMP_CWORD-1]} ;; esac`,
    '  fi',
    '  if [ -n "$option" ]; then',
    '    case "$command $option" in',
    ...rows.flatMap(({ name, options }) => options.flatMap((option) => optionCase(name, option))),
    '    esac',
    '    return',
    '  fi',
    '  # Counts the words before this one that are neither options nor their values.',
    '  for ((i = 2; i < COMP_CWORD; i++)); do',
    `    case "\${COMP_WORDS[i]}" in`,
    '      =) ((i++)) ;;',
    '      -?*)',
    `        case "$valued" in *" \${COMP_WORDS[i]} "*) [ "\${COMP_WORDS[i+1]}" = "=" ] || ((i++)) ;; esac`,
    '        ;;',
    '      *) ((place++)) ;;',
    '    esac',
    '  done',
    '  case "$cur" in',
    '    -*)',
    '      case "$command" in',
    ...rows.map(({ name, flags }) => `        ${name}) _remora_offer ${quote(flags.join(' '))} '' "$cur" ;;`),
    '      esac',
    '      return',
    '      ;;',
    '  esac',
    '  case "$command $place" in',
    ...rows.flatMap(({ name, words }) =>
      words.map((word, i) => wordCase(name, i, i === words.length - 1, word)),
    ),
    '  esac',
    '}',
    '# Offers the given words, and files or folders, that start with what was typed.',
    '_remora_offer() {',
    '  local line',
    '  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -W "$1" -- "$3")',
    '  [ -z "$2" ] && return',
    '  # compopt fails outside of a completion.',
    '  compopt -o filenames 2>/dev/null',
    '  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$2" -- "$3")',
    '}',
    'complete -F _remora remora',
  ].join('\n')}\n`
}

interface Row {
  readonly name: string
  /** All, with their dashes. */
  readonly flags: readonly string[]
  /** Those that take a value. */
  readonly valued: readonly string[]
  readonly options: readonly { readonly flags: readonly string[]; readonly offer: Offer }[]
  readonly words: readonly Offer[]
}

function describe({ name, options, words = [] }: Command, offerOf: OfferOf): Row {
  const shown = Object.entries(options).filter(([, option]) => option.hidden !== true)
  const all = shown.map(([flag, option]) => ({
    flags: [`--${flag}`, ...(option.short === undefined ? [] : [`-${option.short}`])],
    offer: offerOf(option),
  }))
  const valued = all.flatMap(({ flags, offer }) => (offer === undefined ? [] : [{ flags, offer }]))
  return {
    name,
    flags: all.flatMap(({ flags }) => flags),
    valued: valued.flatMap(({ flags }) => flags),
    options: valued,
    words,
  }
}

function optionCase(command: string, { flags, offer }: Row['options'][number]): readonly string[] {
  const call = offerCall(offer)
  if (call === undefined) return []
  return [`      ${flags.map((flag) => quote(`${command} ${flag}`)).join(' | ')}) ${call} ;;`]
}

function wordCase(command: string, place: number, last: boolean, offer: Offer): string {
  const call = offerCall(offer)
  // The last row also stands for all further words.
  const pattern = last ? `${quote(`${command} `)}*` : quote(`${command} ${place}`)
  return `    ${pattern}) ${call ?? ':'} ;;`
}

function offerCall({ values, paths }: Offer): string | undefined {
  if (values.length === 0 && paths === undefined) return undefined
  const kind = paths === undefined ? "''" : paths === 'files' ? '-f' : '-d'
  return `_remora_offer ${quote(values.join(' '))} ${kind} "$cur"`
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
