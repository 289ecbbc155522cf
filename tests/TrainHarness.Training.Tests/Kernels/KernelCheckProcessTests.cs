using System.Text.Json;
using System.Text.Json.Serialization;
using TrainHarness.Results;
using TrainHarness.Training.Kernels;
using TrainHarness.Training.Native.Kernels;

namespace TrainHarness.Training.Tests.Kernels;

/// <summary>A shell in the place of the process that compares.</summary>
public class KernelCheckProcessTests
{
    private static readonly JsonSerializerOptions OnOneLine = new(ResultsJson.Options)
    {
        WriteIndented = false,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };
    private static readonly string Line = JsonSerializer.Serialize(Requests.Layer(), OnOneLine);

    [Fact]
    public void All_layers_right_and_a_good_end_is_right() =>
        Assert.Equal((KernelOutcome.Right, 1), Outcome(Run($"read request; echo '{Line}'; echo")));

    [Fact]
    public void One_wrong_gradient_is_wrong()
    {
        var wrong = JsonSerializer.Serialize(Requests.Layer("grad-weight"), OnOneLine);
        var finding = Run($"read request; echo '{Line}'; echo '{wrong}'; echo");
        Assert.Equal((KernelOutcome.Wrong, 2), Outcome(finding));
        Assert.Equal("grad-weight", finding.Problem);
    }

    [Theory]
    [InlineData("kill -FPE $$")]
    [InlineData("read request; echo '{'; exit 1")]
    [InlineData("exit 139")]
    [InlineData("read request")]
    [InlineData("read request; echo")]
    [InlineData("read request; echo 'no JSON'; echo")]
    public void A_crash_is_one_and_so_is_an_end_before_every_layer_is_told(string script) =>
        Assert.Equal(KernelOutcome.Crashed, Run(script).Outcome);

    [Fact]
    public void What_it_said_last_is_told()
    {
        var finding = Run($"read request; echo '{Line}'; echo 'Floating point exception' >&2; exit 136");
        Assert.Equal((KernelOutcome.Crashed, 1), Outcome(finding));
        Assert.Equal("ended with status 136 after 1 layers: Floating point exception", finding.Problem);
    }

    [Fact]
    public void One_that_says_nothing_for_too_long_is_ended() =>
        Assert.Equal((KernelOutcome.Hung, 1), Outcome(Run($"read request; echo '{Line}'; exec sleep 600", TimeSpan.FromSeconds(3))));

    [Fact]
    public void Kernels_that_this_libtorch_does_not_have_are_not_there() =>
        Assert.Equal(KernelOutcome.Unavailable, Run("read request; echo 'cannot be told' >&2; exit 3").Outcome);

    [Fact]
    public void It_is_started_with_the_kernels_that_are_compared() =>
        Assert.Equal("AVX2", Run("read request; echo $ONEDNN_MAX_CPU_ISA >&2; exit 3").Problem);

    private static (KernelOutcome, int) Outcome(KernelFinding finding) => (finding.Outcome, finding.Layers.Count);

    private static KernelFinding Run(string script, TimeSpan? silence = null)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && ConvolutionKernels.UsersLimit is null, "a shell");
        return KernelCheckProcess.Run(
            ["/bin/sh", "-c", script],
            Requests.Of("alexnet"),
            KernelSet.Avx2,
            silence ?? TimeSpan.FromMinutes(1),
            TestContext.Current.CancellationToken
        );
    }
}
