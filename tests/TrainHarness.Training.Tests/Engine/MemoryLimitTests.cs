using TrainHarness.Protocol;
using TrainHarness.Training.Engine;

namespace TrainHarness.Training.Tests.Engine;

public class MemoryLimitTests
{
    // What libtorch 2.10 says, on a GPU and on a CPU.
    [Theory]
    [InlineData("CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 79.10 GiB of which 8.00 MiB is free.", true)]
    [InlineData("[enforce fail at alloc_cpu.cpp:124] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 4000000000000 bytes. Error code 12 (Cannot allocate memory)", true)]
    [InlineData("cuDNN error: CUDNN_STATUS_ALLOC_FAILED", true)]
    [InlineData("The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 0", false)]
    public void Exhausted_memory_is_told_from_other_errors(string message, bool exhausted) =>
        Assert.Equal(exhausted, MemoryLimit.IsExhausted(new InvalidOperationException(message)));

    [Fact]
    public void What_this_libtorch_says_when_memory_is_exhausted_is_understood()
    {
        var error = Record.Exception(() => TorchSharp.torch.empty(1L << 60).Dispose());
        Assert.NotNull(error);
        Assert.True(MemoryLimit.IsExhausted(error), error.Message);
    }

    [Theory]
    [InlineData(256, 100, 64)]
    [InlineData(256, 128, 128)]
    [InlineData(3, 1, null)]
    public void The_batch_that_is_named_fits(int batch, int capacity, int? expected)
    {
        var tried = new List<int>();
        var fits = MemoryLimit.LargestThatFits(batch, size =>
        {
            tried.Add(size);
            if (size > capacity)
                throw new InvalidOperationException("CUDA out of memory.");
        });
        Assert.Equal(expected, fits);
        Assert.All(tried, size => Assert.InRange(size, 2, batch / 2));
    }

    [Fact]
    public void A_trial_that_does_not_fit_is_refused_with_a_batch_size_that_does()
    {
        var plan = Trials.Plan(threshold: null) with { Architecture = SmallNetwork.Architecture };
        using var folder = new TemporaryFolder();
        using var pack = Trials.Pack(folder);
        var refusal = MemoryLimit.Refusal(plan, pack, new InvalidOperationException("CUDA out of memory."));
        Assert.IsType<ConfigurationException>(refusal);
        Assert.Equal("shufflenet_v2_x1_0.small/seed-1: out of memory: cpu cannot hold a training step of 16 examples; allowed: a batchSize of 8.", refusal.Message);
    }

    [Fact]
    public void An_evaluation_that_does_not_fit_says_what_does_not_and_what_to_do()
    {
        var error = MemoryLimit.OfEvaluation(Trials.Plan(threshold: null), step: 7, new InvalidOperationException("CUDA out of memory."));
        Assert.Equal(
            "shufflenet_v2_x1_0.small/seed-1: out of memory: cpu cannot evaluate 128 examples of 32 x 32 pixels at a time at step 7; use a smaller network or smaller images, or a device with more memory.",
            error.Message);
    }
}
