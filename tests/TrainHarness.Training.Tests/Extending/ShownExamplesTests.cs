using System.Buffers.Binary;
using TorchSharp.Modules;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Pricing;
using TrainHarness.Training.Tests.Workloads.ImageClassification.Data;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using TrainHarness.Training.Workloads.ImageClassification.Data;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Extending;

/// <summary>The worked examples of docs/extending.md do what it says. The workload's are ParityTests.</summary>
public sealed class ShownExamplesTests
{
    [Fact]
    public void The_network_has_the_parameters_and_costs_what_it_does_by_hand()
    {
        using var network = Shown.TinyNet.Build(new(10, 32));
        var cost = ImagePricer.Price(Shown.TinyNet, new(10, 32), batch: 1);

        // Convolutions without biases, a scale and a shift for each channel behind each, 32 factors, 32 × 10 weights and 10 biases.
        Assert.Equal((3 * 16 * 9) + 32 + (16 * 32 * 9) + 64 + 32 + 330, Architecture.Parameters(network));
        // 16 × 16 positions of 16 channels from 27 products, 8 × 8 of 32 from 144, and 320.
        const long first = 256 * 16 * 27,
            forward = first + (64 * 32 * 144) + 320;
        Assert.Equal((UInt128)forward, cost.Forward.Count);
        Assert.Equal((UInt128)((3 * forward) - first), cost.Training.Count);
    }

    [Fact]
    public void The_network_learns_a_batch()
    {
        using var scope = NewDisposeScope();
        using var network = Shown.TinyNet.BuildFrom(InitialWeights.Torchvision, seed: 1, new(10, 32), CPU);
        using var optimizer = optim.Adam(network.parameters(), 0.01);
        var (images, labels) = (randn(20, 3, 32, 32), arange(20, dtype: ScalarType.Int64).remainder(10));
        float Loss() => nn.functional.cross_entropy(network.call(images), labels).item<float>();
        var before = Loss();
        for (var step = 0; step < 60; step++)
        {
            optimizer.zero_grad();
            nn.functional.cross_entropy(network.call(images), labels).backward();
            optimizer.step();
        }

        Assert.InRange(Loss(), 0, before / 2);
    }

    [Fact]
    public void The_layer_says_its_price_and_a_layer_that_says_nothing_is_refused()
    {
        using var mixing = new TokenMixing(4);
        using var input = zeros(2, 4, 3);

        var layer = Assert.Single(NetworkPricer.Price(mixing, input).Layers);

        // 2 × 4 × 3 sums over 4 positions; the input is data and needs no gradient.
        Assert.Equal((96, 0, 96), ((int)layer.Forward.Count, (int)layer.GradInput.Count, (int)layer.GradWeight.Count));
        using var silent = new Silent();
        Assert.Contains(
            nameof(IPricedModule),
            Assert.Throws<NotSupportedException>(() => NetworkPricer.Price(silent, input)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_optimizer_steps_as_by_hand_and_its_keys_read_and_write()
    {
        var file = ConfigurationNode.Parse("lion.yaml", "beta1: 0.9\nbeta2: 0.99\nweightDecay: 0.1");
        var rule = LionRule.Fields.Read(file);
        Assert.Equal(["beta1", "beta2", "weightDecay"], LionRule.Fields.Lines(rule).Keys);

        using var weight = new Parameter(tensor([2f]));
        using var lion = new Lion(rule, [weight]);
        void Step(float gradient)
        {
            weight.grad = tensor([gradient]);
            lion.Update(learningRate: 0.5);
        }

        // 2 · 0.95 − 0.5 = 1.4, with a mean of 0.01 · 4; then 0.9 · 0.04 + 0.1 · (−0.2) is still above zero: 1.4 · 0.95 − 0.5.
        Step(4);
        Assert.Equal(1.4f, weight.item<float>(), 1e-6f);
        Step(-0.2f);
        Assert.Equal(0.83f, weight.item<float>(), 1e-6f);
        Assert.Equal((0.04f * 0.99f) - 0.002f, lion.State.Values.Single().item<float>(), 1e-6f);
    }

    [Fact]
    public void The_dataset_is_packed_with_its_pixels_and_labels()
    {
        using var folder = new TemporaryFolder();
        // Three images for training, two for validation, each of one grey.
        Write(folder.Path, "train", [1, 0, 1], [10, 20, 30]);
        Write(folder.Path, "t10k", [0, 1], [40, 50]);
        var source = new IdxImages(folder.Path);
        var plan = PackPlan.For(source, "digits", folder.Path, Subset.Everything, side: 8);
        var file = Path.Combine(folder.Path, "digits.pack");
        new PackWriter(plan, allowUnreadable: 0, progress: null, TestContext.Current.CancellationToken).Write(file);
        using var pack = DatasetPack.Open(
            file,
            plan.Header.SourceStamp,
            verify: true,
            progress: null,
            TestContext.Current.CancellationToken
        );

        Assert.True(IdxImages.IsAt(folder.Path));
        Assert.Equal(["0", "1"], pack.Header.ClassNames);
        Assert.Equal([0, 1, 1], pack.Labels(Split.Train).ToArray());
        Assert.Equal([20, 10, 30], Enumerable.Range(0, 3).Select(index => pack.Planes(Split.Train, index)[0]));
        Assert.All(pack.Planes(Split.Validation, 1), value => Assert.Equal(50, value));
    }

    [Fact]
    public void A_file_of_the_dataset_that_was_cut_off_is_refused()
    {
        using var folder = new TemporaryFolder();
        Write(folder.Path, "train", [0], [1]);
        Write(folder.Path, "t10k", [0], [1]);
        File.WriteAllBytes(Path.Combine(folder.Path, "t10k-labels-idx1-ubyte"), new byte[9]);

        Assert.EndsWith(
            "t10k-labels-idx1-ubyte: has 9 bytes, other than its header says; allowed: a whole IDX file",
            Assert.Throws<ConfigurationException>(() => new IdxImages(folder.Path).List()).Message,
            StringComparison.Ordinal
        );
    }

    private static void Write(string folder, string part, byte[] labels, byte[] greys)
    {
        File.WriteAllBytes(Path.Combine(folder, $"{part}-labels-idx1-ubyte"), [.. Header(0x801, labels.Length), .. labels]);
        File.WriteAllBytes(
            Path.Combine(folder, $"{part}-images-idx3-ubyte"),
            [.. Header(0x803, greys.Length, 28, 28), .. greys.SelectMany(grey => Enumerable.Repeat(grey, 28 * 28))]
        );
    }

    private static byte[] Header(params int[] numbers) =>
        [
            .. numbers.SelectMany(number =>
            {
                var bytes = new byte[4];
                BinaryPrimitives.WriteInt32BigEndian(bytes, number);
                return bytes;
            }),
        ];

    // A product in a layer that says nothing of it.
    private sealed class Silent() : nn.Module<Tensor, Tensor>(nameof(Silent))
    {
        public override Tensor forward(Tensor input) => input.matmul(input.transpose(1, 2));
    }
}
