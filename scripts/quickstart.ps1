# Runs the quickstart study on the CPU; further options go to the tool.
Set-Location (Join-Path $PSScriptRoot '..')
dotnet run -c Release --project src/TrainHarness.Cli -- study run configs/studies/quickstart.yaml --device cpu @args
exit $LASTEXITCODE
