using TrainHarness.Files;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads.ImageClassification;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Tests.Engine;

public class MemoryLimitTests
{
    // What libtorch 2.10 says, on a GPU and on a CPU.
    [Theory]
    [InlineData(
        "CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 79.10 GiB of which 8.00 MiB is free.",
        true
    )]
    [InlineData(
        "[enforce fail at alloc_cpu.cpp:124] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 4000000000000 "
            + "bytes. Error code 12 (Cannot allocate memory)",
        true
    )]
    [InlineData("cuDNN error: CUDNN_STATUS_ALLOC_FAILED", true)]
    [InlineData("The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 0", false)]
    public void Exhausted_memory_is_told_from_other_errors(string message, bool exhausted) =>
        Assert.Equal(exhausted, MemoryLimit.IsExhausted(new InvalidOperationException(message)));

    [Fact]
    public void What_this_libtorch_says_when_memory_is_exhausted_is_understood()
    {
        var error = Record.Exception(() => empty(1L << 60).Dispose());
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
        var refusal = MemoryLimit.Refusal(plan, ImageTask.On(pack), new InvalidOperationException("CUDA out of memory."));
        Assert.IsType<ConfigurationException>(refusal);
        Assert.Equal(
            "shufflenet_v2_x1_0.small/seed-1: out of memory: cpu cannot hold a training step of 16 examples; allowed: a batchSize of 8.",
            refusal.Message
        );
    }

    [Theory]
    [InlineData(
        4,
        int.MaxValue,
        int.MaxValue,
        typeof(ConfigurationException),
        "cpu cannot hold a training step of 16 examples; allowed: a batchSize of 4."
    )]
    [InlineData(64, 9, int.MaxValue, typeof(InsufficientMemoryException), "cpu ran out of memory at step ")]
    [InlineData(
        64,
        int.MaxValue,
        2,
        typeof(InsufficientMemoryException),
        "cannot evaluate the network beside what training holds at step 4; use a smaller network"
    )]
    public void Memory_that_is_exhausted_at_the_start_on_the_way_or_in_evaluation_ends_the_trial_in_one_line(
        int capacity,
        int trainings,
        int evaluations,
        Type exception,
        string expected
    )
    {
        var hungry = new Hungry
        {
            Capacity = capacity,
            Trainings = trainings,
            Evaluations = evaluations,
        };
        var plan = Trials.Plan(threshold: null) with
        {
            Architecture = SmallNetwork.Architecture with
            {
                Build = options => new HungryNetwork(SmallNetwork.Architecture.Build(options), hungry),
            },
        };
        using var folder = new TemporaryFolder();
        using var pack = Trials.Pack(folder);
        var error = Assert.Throws(exception, () =>
        {
            TrainingLoop.Run(plan, ImageTask.On(pack), progress: null, TestContext.Current.CancellationToken);
        });
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void An_evaluation_that_does_not_fit_says_what_does_not_and_what_to_do()
    {
        var error = MemoryLimit.OfEvaluation(Trials.Plan(threshold: null), step: 7, new InvalidOperationException("CUDA out of memory."));
        Assert.Equal(
            "shufflenet_v2_x1_0.small/seed-1: out of memory: cpu cannot evaluate the network beside what training holds at step 7; use "
                + "a smaller network or smaller examples, or a device with more memory.",
            error.Message
        );
    }

    /// <summary>How much a simulated device holds.</summary>
    private sealed class Hungry
    {
        /// <summary>Examples of a batch.</summary>
        public required int Capacity { get; init; }

        /// <summary>Passes until something else has taken the memory.</summary>
        public required int Trainings { get; set; }

        public required int Evaluations { get; set; }
    }

    private sealed class HungryNetwork : Module<Tensor, Tensor>
    {
        private readonly Module<Tensor, Tensor> network;
        private readonly Hungry hungry;

        public HungryNetwork(Module<Tensor, Tensor> network, Hungry hungry)
            : base(nameof(HungryNetwork))
        {
            this.network = network;
            this.hungry = hungry;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            if (input.shape[0] > hungry.Capacity && training)
                throw new InvalidOperationException("CUDA out of memory. Tried to allocate 20.00 MiB.");
            if (training ? hungry.Trainings-- == 0 : hungry.Evaluations-- == 0)
                throw new InvalidOperationException("CUDA out of memory. Tried to allocate 20.00 MiB.");
            return network.call(input);
        }
    }
}
