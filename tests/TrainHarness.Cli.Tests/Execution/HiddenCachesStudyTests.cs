using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Kernels;
using TrainHarness.Training.Native.Kernels;

namespace TrainHarness.Cli.Tests.Execution;

/// <summary>
/// The real program on a processor whose caches are hidden: a simulation, in which oneDNN reads what it reads on such a virtual machine and
/// computes as wrongly as there.
/// </summary>
[Trait("Lane", "long")]
public sealed class HiddenCachesStudyTests : IDisposable
{
    private const string StudyFile = "configs/studies/small.yaml";

    private static readonly (string, string)[] Hidden = [(SimulatedHiddenCaches.Variable, "1")];

    private readonly WorkFolder folder = new();

    public void Dispose() => folder.Dispose();

    // EfficientNet-B0 in channels-last has layers that AVX-512 kernels compute wrongly by a half without caches; AlexNet has none.
    [Theory]
    [InlineData("efficientnet_b0", MemoryFormat.ChannelsLast)]
    [InlineData("alexnet", MemoryFormat.Contiguous)]
    public void When_oneDNN_is_told_of_the_caches_every_layer_is_right(string architecture, MemoryFormat format)
    {
        SkipUnlessSimulated();
        var finding = Check(KernelSet.ToldCaches, architecture, format);
        Assert.True(finding.Outcome == KernelOutcome.Right, finding.Problem);
        Assert.NotEmpty(finding.Layers);
    }

    [Fact]
    public void Wrong_layers_are_found_where_it_is_not()
    {
        SkipUnlessSimulated();
        Assert.SkipUnless(System.Runtime.Intrinsics.X86.Avx512F.IsSupported, "narrower kernels do without the caches");
        var finding = Check(KernelSet.Own, "efficientnet_b0", MemoryFormat.ChannelsLast);
        Assert.Equal(KernelOutcome.Wrong, finding.Outcome);
        Assert.True(finding.Layers.Max(layer => layer.Forward) > 0.1);
    }

    [Fact]
    public async Task A_study_compares_once_trains_with_what_is_right_and_names_it_and_a_trial_by_itself_does_the_same()
    {
        SkipUnlessSimulated();
        folder.Write(StudyFile, WorkFolder.QuickStudy.Replace("from: baseline", "atLeast: 0.4", StringComparison.Ordinal));
        var first = await Trainharness.Run(folder.Path, Hidden, ["study", "run", StudyFile, "--device", "cpu"]);
        Assert.True(first.ExitCode == 0, first.Error);
        Assert.Contains(
            "squeezenet1_1.small: comparing what oneDNN computes with double precision",
            first.Output,
            StringComparison.Ordinal
        );
        Assert.Contains("onednn-told-caches", Paths("results"));

        var alone = await Trainharness.Run(
            folder.Path,
            Hidden,
            ["study", "run", StudyFile, "--device", "cpu", "--results", "alone", "--trial", "squeezenet1_1.small/seed-1"]
        );
        Assert.True(alone.ExitCode == 0, alone.Error);
        Assert.DoesNotContain("comparing what oneDNN computes", alone.Error, StringComparison.Ordinal);
        Assert.Contains("squeezenet1_1.small: oneDNN's results are right with", alone.Error, StringComparison.Ordinal);
        Assert.Contains("onednn-told-caches", Paths("alone"));
    }

    [Fact]
    public async Task Where_the_caches_are_shown_nothing_is_compared()
    {
        Assert.SkipUnless(SimulatedHiddenCaches.IsPossible, "this machine may hide its caches");
        folder.Write(StudyFile, WorkFolder.QuickStudy.Replace("from: baseline", "atLeast: 0.4", StringComparison.Ordinal));
        var run = await Trainharness.Run(
            folder.Path,
            "study",
            "run",
            StudyFile,
            "--device",
            "cpu",
            "--trial",
            "squeezenet1_1.small/seed-1"
        );
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.DoesNotContain("oneDNN", run.Output + run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Paths("results"), path => path.StartsWith("onednn", StringComparison.Ordinal));
        Assert.False(Directory.Exists(folder["cache/kernels"]));
    }

    private static void SkipUnlessSimulated() =>
        Assert.SkipUnless(
            SimulatedHiddenCaches.IsPossible
                && ConvolutionKernels.UsersLimit is null
                && Environment.GetEnvironmentVariable("TRAINHARNESS_LIBTORCH") is null or "",
            "an AMD processor that shows its caches, and the libtorch of the program"
        );

    private static KernelFinding Check(KernelSet kernels, string architecture, MemoryFormat format) =>
        KernelCheckProcess.Run(
            ["/usr/bin/env", $"{SimulatedHiddenCaches.Variable}=1", Trainharness.Program],
            new KernelCheckRequest
            {
                Architecture = architecture,
                Classes = 10,
                ImageSize = 64,
                AuxiliaryHeads = false,
                DropPath = null,
                Precision = Precision.Fp32,
                MemoryFormat = format,
                TrainingBatches = [8],
                EvaluationBatches = [],
                Threads = 2,
            },
            kernels,
            TestContext.Current.CancellationToken
        );

    private IReadOnlyList<string> Paths(string results) =>
        new ResultStore(folder[$"{results}/small"]).Read("squeezenet1_1.small/seed-1")!.Record.Environment.NativePaths;
}
