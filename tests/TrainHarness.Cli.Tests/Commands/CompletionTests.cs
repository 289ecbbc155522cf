using System.Globalization;

namespace TrainHarness.Cli.Tests.Commands;

/// <summary>What shells complete, by the real program.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly WorkFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("trainharness pub", "published")]
    [InlineData("trainharness study r", "run")]
    [InlineData("trainharness flops resnet5", "resnet50")]
    [InlineData("trainharness study run imagenette-sm", "imagenette-smoke")]
    [InlineData("trainharness study run smal", "small")]
    [InlineData("trainharness study run small --trial shuffle", "shufflenet_v2_x1_0.small/seed-1")]
    [InlineData("trainharness recipes sgd-smooth9", "sgd-smooth90")]
    [InlineData("trainharness datasets verify shap", "shapes")]
    [InlineData("trainharness report earl", "earlier")]
    [InlineData("trainharness report earlier --export parq", "parquet")]
    [InlineData("trainharness import x.csv --into earl", "earlier")]
    [InlineData("trainharness published --level resn", "resnet50")]
    [InlineData("trainharness help compl", "completion")]
    public async Task A_word_that_was_begun_is_completed(string line, string expected)
    {
        Directory.CreateDirectory(folder["results/earlier"]);
        var run = await Trainharness.Run(folder.Path, string.Create(CultureInfo.InvariantCulture, $"[suggest:{line.Length}]"), line);
        Assert.Contains(expected, run.Output.Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("trainharness flops resnet1", "resnet18")]
    [InlineData("trainharness stud", "study")]
    [InlineData("trainharness study plan --", "--data --device --help --json")]
    public async Task Bash_completes_by_the_script(string line, string expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "bash is a program of its own there.");
        var script = """
            PATH="$1:$PATH"
            eval "$(trainharness completion bash)"
            COMP_LINE=$2 COMP_POINT=${#2}
            read -ra COMP_WORDS <<< "$2"
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _trainharness
            printf '%s\n' "${COMPREPLY[@]}" | grep -v -e --results -e --pa -e --pe -e --trial | sort -u | xargs
            """;
        var run = await Trainharness.Run(
            folder.Path,
            "bash",
            [],
            ["-c", script, "bash", Path.GetDirectoryName(Trainharness.Program)!, line]
        );
        Assert.Equal(expected, run.Output.Trim());
    }

    // The script's function as zsh calls it at the tabulator key, where compadd takes the words.
    [Theory]
    [InlineData("trainharness flops resnet1", "resnet18")]
    [InlineData("trainharness stud", "study")]
    [InlineData("trainharness new architecture X --workload tr", "translation")]
    public async Task Zsh_completes_by_the_script(string line, string expected)
    {
        Assert.SkipUnless(Trainharness.IsOnPath("zsh"), "zsh is not installed here");
        var script = """
            PATH="$1:$PATH"
            compdef() { registered="$*" }
            compadd() { [[ $1 == -- ]] && shift; print -rl -- "$@" }
            eval "$(trainharness completion zsh)"
            BUFFER=$2 CURSOR=${#2}
            [[ $registered == "_trainharness trainharness" ]] && _trainharness
            """;
        var run = await Trainharness.Run(
            folder.Path,
            "zsh",
            [],
            ["-f", "-c", script, "zsh", Path.GetDirectoryName(Trainharness.Program)!, line]
        );
        Assert.Contains(expected, run.Output.Split('\n'));
        Assert.DoesNotContain("/h", run.Output.Split('\n'));
    }

    [Theory]
    [InlineData("trainharness flops resnet1", "resnet18")]
    [InlineData("trainharness stud", "study")]
    public async Task PowerShell_completes_by_the_script(string line, string expected)
    {
        Assert.SkipUnless(Trainharness.IsOnPath("pwsh"), "PowerShell is not installed here");
        var script = """
            $env:PATH = $args[0] + [IO.Path]::PathSeparator + $env:PATH
            trainharness completion powershell | Out-String | Invoke-Expression
            (TabExpansion2 -inputScript $args[1] -cursorColumn $args[1].Length).CompletionMatches.CompletionText
            """;
        folder.Write("complete.ps1", script);
        var run = await Trainharness.Run(
            folder.Path,
            "pwsh",
            [],
            ["-NoProfile", "-File", folder["complete.ps1"], Path.GetDirectoryName(Trainharness.Program)!, line]
        );
        Assert.Contains(expected, run.Output.Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task An_unknown_shell_is_refused()
    {
        var run = await Trainharness.Run(folder.Path, "completion", "fish");
        Assert.Equal((2, "SHELL: unknown shell 'fish'; allowed: bash, zsh, powershell."), (run.ExitCode, run.Error.Trim()));
    }
}
