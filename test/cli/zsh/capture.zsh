# Writes what completion adds to a file, since what appears on the screen depends on the size of it.
setopt no_beep no_list_beep no_auto_menu no_auto_list
compadd() {
  # With these, matches go into an array and nowhere else.
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
    builtin compadd "$@"
    return
  fi
  local -a hits
  builtin compadd -A hits "$@"
  (( $#hits )) && print -rn -- "${(pj:\t:)${(@Q)hits}}"$'\t' >>.script/offers
  builtin compadd "$@"
}

# A Tab completes, says that it has, and leaves an empty line behind.
complete-and-tell() {
  zle complete-word
  print >>.script/offers
  BUFFER=
  # With its end, since zpty reads lines.
  print offers-are-written >$TTY
}
zle -N complete-and-tell
bindkey '^I' complete-and-tell
