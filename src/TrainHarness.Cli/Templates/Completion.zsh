# Completion of trainharness for zsh. In ~/.zshrc, behind compinit:  eval "$(trainharness completion zsh)"
_trainharness() {
  local -a words_known
  words_known=("${(@f)$(trainharness "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null | grep -vxE -- '[-/][?h]')}")
  words_known=("${(@)words_known:#}")
  # Where the program knows nothing, files.
  compadd -- "${words_known[@]}" || _files
}
compdef _trainharness trainharness
