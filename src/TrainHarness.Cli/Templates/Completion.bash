# Completion of trainharness for bash. In ~/.bashrc:  eval "$(trainharness completion bash)"
_trainharness() {
  local IFS=$'\n'
  local word=${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=($(compgen -W "$(trainharness "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null | grep -vxE -- '[-/][?h]')" -- "$word"))
}
# Where the program knows nothing, files.
complete -o bashdefault -o default -F _trainharness trainharness
