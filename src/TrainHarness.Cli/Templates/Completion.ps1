# Completion of trainharness for PowerShell. In $PROFILE:  trainharness completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName trainharness -ScriptBlock {
  param($word, $line, $position)
  trainharness "[suggest:$position]" "$line" 2>$null |
    Where-Object { $_ -like "$word*" -and $_ -notmatch '^[-/][?h]$' } |
    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
}
