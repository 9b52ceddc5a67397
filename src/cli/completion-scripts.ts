/**
 * The scripts that `remora completion` prints. They hand the line to `remora __complete` and offer what it answers:
 * candidates, each with a description behind a tab, and in the last line `:0` for files, `:16` for folders, `:4` for
 * neither.
 */

/** For bash 3.2 and later, so without mapfile. */
const bash = `# bash completion for remora. Enable it: source <(remora completion bash)
_remora() {
  local word words i glued= last= line value
  words=()
  # bash splits --option=value into three words.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [ "$word" = "=" ] || [ -n "$glued" ]; then
      words[\${#words[@]}-1]+=$word
      [ "$word" = "=" ] && glued=1 || glued=
    else
      words+=("$word")
    fi
  done
  COMPREPLY=()
  while IFS= read -r line; do
    if [ -n "$last" ]; then
      value=\${last%%$'\\t'*}
      # bash replaces only the text after the last equals sign.
      case "$value" in -*=*) value=\${value#*=} ;; esac
      COMPREPLY+=("$value")
    fi
    last=$line
  done < <("\${COMP_WORDS[0]}" __complete "\${words[@]}" 2>/dev/null)
  local current=\${words[\${#words[@]}-1]} option=
  case "$current" in -*=*) current=\${current#*=} ;; esac
  case "$last" in
    :0) option=-f ;;
    :16) option=-d ;;
    *) return ;;
  esac
  # compopt fails outside a completion.
  compopt -o filenames 2>/dev/null
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$option" -- "$current")
}
complete -F _remora remora
`

/** Works as a file \`_remora\` in \`fpath\`, and when it is sourced. */
const zsh = `#compdef remora
# zsh completion for remora. Enable it after compinit: source <(remora completion zsh)
_remora() {
  local line directive
  local -a lines described plain
  lines=("\${(@f)$("$words[1]" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  directive=$lines[-1]
  for line in $lines[1,-2]; do
    # A colon separates a word from its description.
    if [[ $line == *$'\\t'* ]]; then
      described+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
    else
      plain+=("$line")
    fi
  done
  (( $#described )) && _describe -t words 'remora' described
  (( $#plain )) && compadd -- $plain
  case $directive in
    :0) compset -P '-*='; _files ;;
    :16) compset -P '-*='; _files -/ ;;
  esac
}
if [[ $funcstack[1] == _remora ]]; then
  _remora "$@"
else
  compdef _remora remora
fi
`

const fish = `# fish completion for remora. Enable it: remora completion fish | source
function __remora_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($words[1] __complete $words[2..-1] "$current" 2>/dev/null)
    test (count $lines) -gt 1; and printf '%s\\n' $lines[1..-2]
    set -l prefix (string match -r -- '^-[^=]*=' "$current"; or echo '')
    set -l path (string replace -r -- '^-[^=]*=' '' "$current")
    switch "$lines[-1]"
        case ':0'
            for file in (__fish_complete_path "$path" '')
                printf '%s%s\\n' "$prefix" "$file"
            end
        case ':16'
            for folder in (__fish_complete_directories "$path" '')
                printf '%s%s\\n' "$prefix" "$folder"
            end
    end
end
complete -c remora -f -a '(__remora_complete)'
`

export const SCRIPTS = { bash, zsh, fish } as const
