# TrainHarness as a command, right after the clone: builds when a source is newer than the program, then runs it. For PowerShell, on
# Windows. $env:TorchBackend = 'cuda-windows' (or cpu, none) chooses the libtorch of a build, and is remembered for the next one.
$ErrorActionPreference = 'Stop'
$bin = Join-Path $PSScriptRoot 'src/TrainHarness.Cli/bin/Release/net10.0'
$onWindows = [Environment]::OSVersion.Platform -eq 'Win32NT'
$program = Join-Path $bin $(if ($onWindows) { 'trainharness.exe' } else { 'trainharness' })
$built = Join-Path $bin 'trainharness.built'

function Say($text) { [Console]::Error.WriteLine("trainharness: $text") }

# A folder is newer once a file in it was removed or renamed. Those of projects hold bin and obj, which every build changes.
function Test-NewerSource {
    $newest = (Get-Item (Join-Path $bin '*') -Include 'trainharness.dll', 'TrainHarness.*.dll', 'trainharness.built' |
        Measure-Object -Property LastWriteTimeUtc -Maximum).Maximum
    $roots = foreach ($name in 'src', 'configs') { Get-ChildItem (Join-Path $PSScriptRoot $name) }
    $projects = $roots | Where-Object { $_.PSIsContainer } | Get-ChildItem | Where-Object { $_.Name -notin 'bin', 'obj' }
    $files = @($projects) + @($projects | Where-Object { $_.PSIsContainer } | Get-ChildItem -Recurse) +
        @($roots | Where-Object { -not $_.PSIsContainer })
    $files += Get-ChildItem $PSScriptRoot -File | Where-Object { $_.Name -like 'Directory.*.props' -or $_.Name -eq 'global.json' }
    [bool]($files | Where-Object { $_.LastWriteTimeUtc -gt $newest } | Select-Object -First 1)
}

$remembered = if (Test-Path $built) { (Get-Content $built -TotalCount 1).Trim() } else { 'cpu' }
$backend = if ($env:TorchBackend) { $env:TorchBackend } else { $remembered }
if (-not (Test-Path $program) -or $backend -ne $remembered -or (Test-NewerSource)) {
    if (-not (Get-Command dotnet -ErrorAction SilentlyContinue)) {
        Say 'needs the .NET 10 SDK: https://dotnet.microsoft.com/download/dotnet/10.0'
        exit 1
    }
    Say 'building (the first time takes about a minute) ...'
    # What changes while the build runs is newer than its start, and built the next time.
    $started = [DateTime]::UtcNow
    Push-Location $PSScriptRoot
    try { $log = & dotnet build -c Release --nodeReuse:false "-p:TorchBackend=$backend" src/TrainHarness.Cli } finally { Pop-Location }
    if ($LASTEXITCODE -ne 0) {
        $problems = @($log | Where-Object { $_ -match 'error' } | Sort-Object -Unique)
        foreach ($line in $(if ($problems) { $problems } else { $log })) { [Console]::Error.WriteLine($line) }
        Say 'the build failed.'
        exit 1
    }
    Set-Content $built $backend
    (Get-Item $built).LastWriteTimeUtc = $started
}

& $program @args
exit $LASTEXITCODE
