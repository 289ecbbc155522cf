using System.Diagnostics;

namespace TrainHarness.Cli.Tests;

/// <summary>The command <c>trainharness</c> of a clone, with a build that is a script and takes no minute.</summary>
public sealed class ClonedCommandTests : IDisposable
{
    // What "dotnet build" leaves, and how often it was called.
    private const string Dotnet = """
        #!/bin/bash
        echo "$*" >> "$BUILDS"
        if [ -n "${BROKEN:-}" ]; then echo "  Determining projects"; echo "Program.cs(1,1): error CS1002: ; expected"; exit 1; fi
        bin=src/TrainHarness.Cli/bin/Release/net10.0
        mkdir -p "$bin"
        cp "$PROGRAM" "$bin/trainharness"
        touch "$bin/trainharness.dll"
        """;

    // Says where and how it was called, or runs until it is asked to stop.
    private const string Program = """
        #!/bin/bash
        if [ "${1:-}" = wait ]; then trap 'exit 75' TERM; echo ready; while :; do read -r -t 0.05 _; done; fi
        echo "$PWD"
        printf '<%s>' "$@"
        exit 7
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("trainharness-test-").FullName;

    public ClonedCommandTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The command of a clone is a bash script.");
        foreach (
            var file in (string[])
                [
                    "a clone/src/TrainHarness.Cli/Program.cs",
                    "a clone/src/TrainHarness/Files/Old.cs",
                    "a clone/configs/studies/x.yaml",
                    "a clone/Directory.Build.props",
                    "a clone/global.json",
                ]
        )
            Write(file, "");
        Write("bin/dotnet", Dotnet);
        Write("program", Program);
        Write("a clone/trainharness", File.ReadAllText(Path.Combine(Trainharness.Repository, "trainharness")));
        Write("a clone/trainharness.ps1", File.ReadAllText(Path.Combine(Trainharness.Repository, "trainharness.ps1")));
        Directory.CreateDirectory(Path.Combine(folder, "elsewhere"));
        File.CreateSymbolicLink(Path.Combine(folder, "elsewhere", "th"), "../a clone/trainharness");
    }

    private string Command => Path.Combine(folder, "a clone", "trainharness");

    private List<string> Builds =>
        File.Exists(Path.Combine(folder, "builds")) ? [.. File.ReadAllLines(Path.Combine(folder, "builds"))] : [];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task The_first_call_builds_in_one_line_and_the_next_does_not()
    {
        var first = await Run(Command);
        var second = await Run(Command);

        Assert.Equal("trainharness: building (the first time takes about a minute) ...\n", first.Error);
        Assert.Equal("", second.Error);
        Assert.Equal("build -c Release --nodeReuse:false -p:TorchBackend=cpu src/TrainHarness.Cli", Assert.Single(Builds));
    }

    [Fact]
    public async Task Arguments_exit_status_and_folder_are_the_callers_through_a_link_too()
    {
        var run = await Run(Path.Combine(folder, "elsewhere", "th"), "flops", "two words", "", "*");

        Assert.Equal((7, $"{folder}/elsewhere\n<flops><two words><><*>"), (run.ExitCode, run.Output));
    }

    [Theory]
    [InlineData("src/TrainHarness.Cli/Program.cs")]
    [InlineData("src/TrainHarness/Files/New.cs")]
    [InlineData("configs/studies/x.yaml")]
    [InlineData("Directory.Build.props")]
    public async Task What_is_newer_than_the_program_is_built_once(string file)
    {
        await Run(Command);
        Write($"a clone/{file}", "changed");
        await Run(Command);
        await Run(Command);

        Assert.Equal(2, Builds.Count);
    }

    [Fact]
    public async Task A_source_that_was_removed_is_built_without()
    {
        await Run(Command);
        File.Delete(Path.Combine(folder, "a clone/src/TrainHarness/Files/Old.cs"));
        await Run(Command);

        Assert.Equal(2, Builds.Count);
    }

    [Fact]
    public async Task A_build_that_fails_shows_its_errors_and_starts_nothing()
    {
        var broken = await Run(Command, [("BROKEN", "1")]);
        var mended = await Run(Command);

        Assert.Equal((1, ""), (broken.ExitCode, broken.Output));
        Assert.EndsWith(
            "...\nProgram.cs(1,1): error CS1002: ; expected\ntrainharness: the build failed.\n",
            broken.Error,
            StringComparison.Ordinal
        );
        Assert.Equal(7, mended.ExitCode);
    }

    [Fact]
    public async Task The_libtorch_of_a_build_is_chosen_once()
    {
        await Run(Command);
        await Run(Command, [("TorchBackend", "cuda-linux")]);
        await Run(Command);
        Write("a clone/configs/studies/x.yaml", "changed");
        await Run(Command);

        Assert.Equal(["cpu", "cuda-linux", "cuda-linux"], Builds.ConvertAll(build => build.Split("TorchBackend=")[1].Split(' ')[0]));
    }

    [Fact]
    public async Task A_signal_reaches_the_program_and_nothing_is_built_under_it()
    {
        await Run(Command);
        using var running = Process.Start(Start(Command, [], ["wait"]))!;
        Assert.Equal("ready", await running.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        Write("a clone/src/TrainHarness.Cli/Program.cs", "changed");

        var beside = await Run(Command);
        await RunningProgram.Send("TERM", running.Id);
        await running.WaitForExitAsync(TestContext.Current.CancellationToken);
        var after = await Run(Command);

        Assert.Equal("trainharness: sources are newer, and are not built while a program of this build runs.\n", beside.Error);
        Assert.Equal((7, 75), (beside.ExitCode, running.ExitCode));
        Assert.Equal("trainharness: building (the first time takes about a minute) ...\n", after.Error);
        Assert.Equal(2, Builds.Count);
    }

    [Fact]
    public async Task Without_dotnet_it_says_what_is_needed()
    {
        Directory.CreateDirectory(Path.Combine(folder, "tools"));
        foreach (var tool in (string[])["readlink", "dirname"])
            File.CreateSymbolicLink(Path.Combine(folder, "tools", tool), $"/usr/bin/{tool}");

        var run = await Trainharness.Run(folder, "/bin/bash", [("PATH", Path.Combine(folder, "tools"))], [Command]);

        Assert.Equal(
            (1, "trainharness: needs the .NET 10 SDK: https://dotnet.microsoft.com/download/dotnet/10.0\n"),
            (run.ExitCode, run.Error)
        );
    }

    [Fact]
    public async Task In_PowerShell_it_builds_what_is_newer_once_and_hands_on_arguments_and_exit_status()
    {
        var first = await RunInPowerShell();
        var second = await RunInPowerShell("flops", "two words", "--json");
        Write("a clone/src/TrainHarness/Files/New.cs", "new");
        var third = await RunInPowerShell();

        Assert.Equal((7, "trainharness: building (the first time takes about a minute) ...\n"), (first.ExitCode, first.Error));
        Assert.Equal((7, $"{folder}/elsewhere\n<flops><two words><--json>", ""), (second.ExitCode, second.Output.TrimEnd(), second.Error));
        Assert.Equal((7, first.Error), (third.ExitCode, third.Error));
        Assert.Equal(2, Builds.Count);
        Assert.Equal("build -c Release --nodeReuse:false -p:TorchBackend=cpu src/TrainHarness.Cli", Builds[0]);
    }

    [Fact]
    public async Task In_PowerShell_a_build_that_fails_shows_its_errors_and_starts_nothing()
    {
        var broken = await RunInPowerShell(("BROKEN", "1"));

        Assert.Equal((1, ""), (broken.ExitCode, broken.Output));
        Assert.EndsWith(
            "...\nProgram.cs(1,1): error CS1002: ; expected\ntrainharness: the build failed.\n",
            broken.Error,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task The_command_of_this_clone_is_the_program()
    {
        var run = await Trainharness.Run(
            folder,
            Path.Combine(Trainharness.Repository, "trainharness"),
            [],
            ["flops", "resnet18", "--json"]
        );

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("\"forwardMacs\": 1814073344", run.Output, StringComparison.Ordinal);
    }

    private Task<Trainharness> RunInPowerShell(params string[] arguments) => RunInPowerShell([], arguments);

    private Task<Trainharness> RunInPowerShell((string Name, string Value) variable) => RunInPowerShell([variable], []);

    // PowerShell itself may be started by the true dotnet, so that the path is set within.
    private Task<Trainharness> RunInPowerShell(IReadOnlyList<(string Name, string Value)> environment, string[] arguments)
    {
        Assert.SkipUnless(Trainharness.IsOnPath("pwsh"), "PowerShell is not installed here");
        Write(
            "call.ps1",
            "$env:PATH = \"$PSScriptRoot/bin:$env:PATH\"\n& \"$PSScriptRoot/a clone/trainharness.ps1\" @args\nexit $LASTEXITCODE"
        );
        return Trainharness.Run(
            Path.Combine(folder, "elsewhere"),
            "pwsh",
            [.. Environment.Where(variable => variable.Name != "PATH"), .. environment],
            ["-NoProfile", "-File", Path.Combine(folder, "call.ps1"), .. arguments]
        );
    }

    private Task<Trainharness> Run(string command, params string[] arguments) => Run(command, [], arguments);

    private Task<Trainharness> Run(string command, IReadOnlyList<(string Name, string Value)> environment, params string[] arguments) =>
        Trainharness.Run(Path.Combine(folder, "elsewhere"), command, [.. Environment, .. environment], arguments);

    private IEnumerable<(string Name, string Value)> Environment =>
        [
            ("PATH", $"{folder}/bin:{System.Environment.GetEnvironmentVariable("PATH")}"),
            ("BUILDS", $"{folder}/builds"),
            ("PROGRAM", $"{folder}/program"),
            ("TorchBackend", ""),
        ];

    private ProcessStartInfo Start(string command, IReadOnlyList<(string Name, string Value)> environment, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(command, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = folder,
        };
        foreach (var (name, value) in Environment.Concat(environment))
            start.Environment[name] = value;
        return start;
    }

    private void Write(string name, string text)
    {
        var file = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text.ReplaceLineEndings("\n"));
        if (OperatingSystem.IsLinux())
            File.SetUnixFileMode(file, (UnixFileMode)Convert.ToInt32("755", 8));
    }
}
