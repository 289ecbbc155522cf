@rem TrainHarness as a command where PowerShell may not run scripts, and in cmd.exe: see trainharness.ps1.
@powershell -NoProfile -ExecutionPolicy Bypass -File "%~dp0trainharness.ps1" %*
