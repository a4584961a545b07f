# complete.zsh DIRECTORY LINE...: what zsh makes of each line when tab is pressed behind it, with the completions of DIRECTORY.
zmodload zsh/zpty
zpty shell TERM=dumb zsh -f -i
zpty -w shell "PROMPT='> '; unsetopt zle_bracketed_paste; bindkey -e; fpath=($1 \$fpath); autoload -U compinit; compinit -u -D; echo READ''Y"
local text
zpty -r -m shell text '*READY*'
for line in "${@:2}"; do
  zpty -w -n shell "$line"$'\t'
  # The completion has ended when the shell reads on: it then prints the line, with a mark before it.
  zpty -w -n shell $'\C-aprint -r -- "COMPLETED \C-e"\n'
  zpty -r -m shell text $'*\nCOMPLETED *\n'
  print -r -- "$text"
done
zpty -d shell
