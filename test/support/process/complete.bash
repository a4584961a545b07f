# complete.bash FILE WORD...: what bash offers for the last word, with the completions of FILE.
source "$1"
compopt() { :; }
COMP_WORDS=(postsnap "${@:2}")
COMP_CWORD=$(($# - 1))
_postsnap
printf '%s\n' "${COMPREPLY[@]}"
