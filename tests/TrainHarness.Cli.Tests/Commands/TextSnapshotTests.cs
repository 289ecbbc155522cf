using System.Globalization;
using System.Text.RegularExpressions;

namespace TrainHarness.Cli.Tests.Commands;

/// <summary>What the commands print, whole, by a program whose every thread writes 1.234,5. What the machine decides is masked.</summary>
public sealed partial class TextSnapshotTests : IDisposable
{
    private readonly WorkFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("published.txt", "published")]
    [InlineData("published-alexnet.txt", "published --level alexnet")]
    [InlineData("published.json", "published --json")]
    [InlineData("estimate.txt", "estimate --gpu L4 --count 2 --hours 3")]
    [InlineData("estimate.json", "estimate --gpu L4 --count 2 --hours 3 --macs 2.43e17 --json")]
    [InlineData("architectures.txt", "architectures")]
    [InlineData("architectures.json", "architectures --json")]
    [InlineData("architectures-filtered.txt", "architectures resnet*")]
    [InlineData("recipes.txt", "recipes")]
    [InlineData("recipes.json", "recipes --json")]
    [InlineData("flops.txt", "flops alexnet --layers")]
    [InlineData("flops.json", "flops alexnet --layers --json")]
    [InlineData("datasets.txt", "datasets")]
    [InlineData("datasets.json", "datasets --json")]
    [InlineData("datasets-prepare.txt", "datasets prepare shapes --pack-size 32")]
    [InlineData("datasets-prepare.json", "datasets prepare shapes --pack-size 32 --json")]
    [InlineData("datasets-verify.txt", "datasets verify shapes")]
    [InlineData("datasets-verify.json", "datasets verify shapes --json")]
    [InlineData("doctor.txt", "doctor")]
    [InlineData("doctor.json", "doctor --json")]
    [InlineData("study-plan.txt", "study plan configs/studies/small.yaml --device cpu")]
    [InlineData("study-plan.json", "study plan configs/studies/small.yaml --device cpu --json")]
    [InlineData("study-status.txt", "study status configs/studies/small.yaml")]
    [InlineData("study-status.json", "study status configs/studies/small.yaml --json")]
    [InlineData("report.txt", "report results/synthetic")]
    [InlineData("report.json", "report results/synthetic --json")]
    public async Task A_command_prints_the_same_text_as_before_where_numbers_have_a_comma(string name, string arguments)
    {
        if (name.StartsWith("report", StringComparison.Ordinal))
            new SyntheticStudy(6, 3, 40).WriteTo(folder["results/synthetic"]);
        var run = await InGerman(arguments);
        Assert.True(run.ExitCode == 0, run.Error);
        // Beside a JSON document, what goes on is told on the other stream.
        if (name is not ("datasets-prepare.json" or "study-plan.json"))
            Assert.Equal("", run.Error);
        Assert.Equal("1.234,5 0,5", File.ReadAllText(folder["culture"]));
        Snapshot.Matches(name, Masked(run.Output));
    }

    [Trait("Lane", "long")]
    [Theory]
    [InlineData("study-run.txt", "study run configs/studies/small.yaml --device cpu")]
    [InlineData("study-scan.txt", "study scan configs/studies/small.yaml --device cpu")]
    [InlineData("study-scan.json", "study scan configs/studies/small.yaml --device cpu --json")]
    public async Task A_study_tells_how_it_goes_in_the_same_words_as_before_where_numbers_have_a_comma(string name, string arguments)
    {
        // Two epochs of it reach no such target, whatever a processor rounds to.
        folder.Write(
            "configs/studies/small.yaml",
            WorkFolder.QuickStudy.Replace("from: baseline", "atLeast: 1.0", StringComparison.Ordinal)
                + "\nscan: { learningRates: [0.01, 0.05], epochs: 1, trainFraction: 0.5 }\n"
        );
        var run = await InGerman(arguments);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal("1.234,5 0,5", File.ReadAllText(folder["culture"]));
        var text = run.Output + run.Error;
        Assert.DoesNotMatch(@"\d,\d", text);
        Snapshot.Matches(name, Gap().Replace(Number().Replace(Masked(text), "#"), "$1"));
    }

    [Fact]
    public async Task The_files_of_a_report_are_the_same_where_numbers_have_a_comma()
    {
        new SyntheticStudy(6, 3, 40).WriteTo(folder["results/synthetic"]);
        Assert.Equal(0, (await Trainharness.Run(folder.Path, "report", "results/synthetic")).ExitCode);
        var before = Files();
        Assert.Contains("report.html", before.Keys);
        Assert.Contains("threshold.svg", before.Keys);
        Assert.Equal(0, (await InGerman("report results/synthetic")).ExitCode);
        Assert.Equal("1.234,5 0,5", File.ReadAllText(folder["culture"]));
        Assert.Equal(before, Files());

        Dictionary<string, string> Files() =>
            Directory
                .EnumerateFiles(folder["results/synthetic"], "*", SearchOption.AllDirectories)
                .Where(file =>
                    Path.GetExtension(file) is ".html" or ".md" or ".csv" or ".svg"
                    && !file.EndsWith("evaluations.csv", StringComparison.Ordinal)
                )
                .ToDictionary(file => Path.GetFileName(file), File.ReadAllText);
    }

    private Task<Trainharness> InGerman(string arguments) =>
        Trainharness.Run(
            folder.Path,
            [("DOTNET_STARTUP_HOOKS", typeof(StartupHook).Assembly.Location), (StartupHook.ProofVariable, folder["culture"])],
            arguments.Split(' ')
        );

    /// <summary>Paths, what is free, what was timed, and the last digits of what a processor calculates.</summary>
    private string Masked(string text)
    {
        text = text.ReplaceLineEndings("\n")
            .Replace(folder.Path, ".", StringComparison.Ordinal)
            .Replace(AppContext.BaseDirectory, "(program)/", StringComparison.Ordinal);
        text = ChosenLine().Replace(text, "");
        text = DoctorLine().Replace(text, "(health) $1(of this machine)");
        text = Verdict().Replace(text, "yes, on (this machine).");
        text = DoctorJson().Replace(text, "$1\"(health)\",\n    \"found\": \"(of this machine)\",\n    \"advice\": (of this machine)");
        text = PlanRow().Replace(text, "S.SSSS$1M:SS");
        text = PlanTotal().Replace(text, "M:SS on this machine");
        text = BusyLine().Replace(text, "");
        text = TimedJson().Replace(text, "$1(of this machine)");
        text = Free().Replace(text, "(some) are free");
        text = Checksum().Replace(text, "(checksum)");
        text = Fraction()
            .Replace(text, number =>
                number.Length < 13
                    ? number.Value
                    : double.Parse(number.Value, CultureInfo.InvariantCulture).ToString("G9", CultureInfo.InvariantCulture)
            );
        return string.Join('\n', text.Split('\n').Select(line => line.TrimEnd()));
    }

    // Which kernels are right, and whether the processors are free.
    [GeneratedRegex(@"^(.*what oneDNN computes with.*|.*: oneDNN's results are.*|The threads of a trial wait.*)\n", RegexOptions.Multiline)]
    private static partial Regex ChosenLine();

    private const string OfTheMachine =
        "system|memory|libtorch|device|energy|native paths|kernels|waiting|driver|cache|results|images|fonts";

    [GeneratedRegex($"^(?:good|limited|broken) +((?:{OfTheMachine}) +).*(?:\n +To do: .*)*", RegexOptions.Multiline)]
    private static partial Regex DoctorLine();

    [GeneratedRegex(@"(?<=^Studies run here: )yes, on .*\.$", RegexOptions.Multiline)]
    private static partial Regex Verdict();

    [GeneratedRegex($"(\"what\": \"(?:{OfTheMachine})\",\n    \"health\": ).*\n.*\n.*")]
    private static partial Regex DoctorJson();

    [GeneratedRegex(@"\d\.\d{4}( +)\d:\d\d")]
    private static partial Regex PlanRow();

    [GeneratedRegex(@"\d:\d\d on this machine")]
    private static partial Regex PlanTotal();

    [GeneratedRegex("^This machine is busy: .*\n", RegexOptions.Multiline)]
    private static partial Regex BusyLine();

    [GeneratedRegex("(\"(?:secondsPerStep|secondsAtMost|freeBytes|isBusy|processorsTakenByOthers)\": )[^,\n]+")]
    private static partial Regex TimedJson();

    [GeneratedRegex(@"[\d.]+ [kMGT]B are free")]
    private static partial Regex Free();

    [GeneratedRegex("[0-9a-f]{64}")]
    private static partial Regex Checksum();

    // With the prefix of its unit, which depends on the machine.
    [GeneratedRegex(@"(?<![\w.-])\d[\d.:]*(?: [kMGTP]?(?=B\b|FLOP)|(?: [kMGTP](?= multiply))?(?![\w-]))")]
    private static partial Regex Number();

    // As wide as the numbers were.
    [GeneratedRegex("([ ─])\\1+")]
    private static partial Regex Gap();

    [GeneratedRegex(@"(?<![\w.])-?\d+\.\d+(?:E[+-]?\d+)?")]
    private static partial Regex Fraction();
}
