# Types each line of .script/lines into an interactive zsh in a pseudo-terminal of its own, with a Tab behind it; what is
# offered is written to .script/offers, one line for each. Called with the folder that it happens in.
zmodload zsh/zpty
export TERM=vt100
cd $1
zpty shell zsh -f -i

read-until() {
  local text chunk
  while zpty -r shell chunk; do
    text+=$chunk
    [[ $text == *$1* ]] && return
  done
}

# The word is put together here, so that its echo is not taken for it.
zpty -w shell "PS1=; autoload -Uz compinit; compinit -u -D; source .script/_remora; source .script/capture.zsh; print rea'dy'"
read-until ready
for line in ${(f)"$(<.script/lines)"}; do
  zpty -w -n shell "$line"$'\t'
  read-until offers-are-written
done
zpty -d shell
