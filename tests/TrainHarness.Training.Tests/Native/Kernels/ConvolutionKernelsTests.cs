using TrainHarness.Training.Native.Kernels;
using TrainHarness.Training.Native.Libtorch;

namespace TrainHarness.Training.Tests.Native.Kernels;

public class ConvolutionKernelsTests
{
    [Theory]
    [InlineData("told-caches", null)]
    [InlineData("own", null)]
    [InlineData("avx2", "AVX2")]
    [InlineData("avx", "AVX")]
    [InlineData("no-onednn", null)]
    public void A_process_that_is_started_gets_the_choice_and_nothing_of_an_earlier_one(string name, string? limit)
    {
        Assert.SkipUnless(ConvolutionKernels.UsersLimit is null, "the tests themselves were started with a limit");
        var environment = new Dictionary<string, string?>
        {
            ["ONEDNN_MAX_CPU_ISA"] = "AVX",
            ["DNNL_MAX_CPU_ISA"] = "SSE41",
            ["PATH"] = "/bin",
        };
        ConvolutionKernels.Hand(environment, KernelSet.ByName(name)!);
        Assert.Equal(name, environment["TRAINHARNESS_KERNELS"]);
        Assert.Equal(limit, environment.GetValueOrDefault("ONEDNN_MAX_CPU_ISA"));
        Assert.DoesNotContain("DNNL_MAX_CPU_ISA", environment.Keys);
        Assert.Equal("/bin", environment["PATH"]);
    }

    [Fact]
    public void A_record_names_what_convolved()
    {
        Assert.Equal(["onednn-avx2"], ConvolutionKernels.PathsOf(KernelSet.Avx2));
        Assert.Equal(["onednn-avx"], ConvolutionKernels.PathsOf(KernelSet.Avx));
        Assert.Equal(["no-onednn"], ConvolutionKernels.PathsOf(KernelSet.WithoutOneDnn));
        Assert.Equal(
            ["onednn-told-caches"],
            ConvolutionKernels.PathsOf(KernelSet.ToldCaches).Except(ConvolutionKernels.PathsOf(KernelSet.Own))
        );
    }

    [Fact]
    public void A_name_that_is_not_known_is_refused_with_those_that_are()
    {
        var error = Assert.Throws<TorchLoadException>(() => ConvolutionKernels.ByName("avx9"));
        Assert.Equal("TRAINHARNESS_KERNELS: 'avx9' is not known; allowed: told-caches, own, avx2, avx, no-onednn.", error.Message);
    }
}
