#!/usr/bin/env bash
# Runs the quickstart study on the CPU; further options go to the tool.
set -euo pipefail
cd "$(dirname "$0")/.."
exec dotnet run -c Release --project src/TrainHarness.Cli -- study run configs/studies/quickstart.yaml --device cpu "$@"
