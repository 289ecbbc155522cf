using TorchSharp;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Training.Optimizers;
using TrainHarness.Training.Pricing;
using TrainHarness.Training.Workloads.LanguageModelling.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Workloads.LanguageModelling;

public sealed class LanguageModelTests
{
    private const int Vocabulary = 37;
    private const int Context = 6;

    /// <summary>The smallest of each family.</summary>
    public static TheoryData<string> Families => ["lstm_1x64", "decoder_2x64", "gpt2_2x64", "nanogpt_4x128", "llama_2x64"];

    // By hand: embeddings V d, an LSTM layer 8 d² + 8 d, a layer of attention 4 d² (+ 4 d of biases), of a feed-forward block 8 d² (+ 5
    // d), of one with a gate 3 d h; a normalisation 2 d, or d without biases; positions T d.
    [Theory]
    [InlineData("lstm_2x128", (2 * 37 * 128) + 37 + (2 * ((8 * 128 * 128) + (8 * 128))))]
    [InlineData("decoder_4x128", (37 * 128) + (4 * ((12 * 128 * 128) + (9 * 128) + (4 * 128))))]
    [InlineData("gpt2_4x128", (37 * 128) + (6 * 128) + (4 * ((12 * 128 * 128) + (9 * 128) + (4 * 128))) + (2 * 128))]
    [InlineData("nanogpt_4x128", (37 * 128) + (6 * 128) + (4 * ((12 * 128 * 128) + (2 * 128))) + 128)]
    [InlineData("llama_4x128", (2 * 37 * 128) + (4 * ((4 * 128 * 128) + (3 * 128 * 352) + (2 * 128))) + 128)]
    public void The_number_of_parameters_is_that_of_a_sum_by_hand(string name, long parameters)
    {
        using var network = Build(name);
        Assert.Equal(parameters, network.parameters().Sum(parameter => parameter.numel()));
    }

    // Zaremba et al. 2014: 20 and 66 million (section 4.1, as Press and Wolf 2017 count them). GPT-2's smallest is 124,439,808 in every
    // copy.
    [Theory]
    [InlineData("lstm_2x650", 10_000, 35, 19_780_400)]
    [InlineData("lstm_2x1500", 10_000, 35, 66_034_000)]
    [InlineData("gpt2_12x768", 50_257, 1024, 124_439_808)]
    public void The_papers_own_sizes_are_as_large_as_published(string name, int vocabulary, int context, long published)
    {
        using var network = LanguageCatalog.ByName(name).BuildFrom(1, new LanguageModelOptions(vocabulary, context, Dropout: 0), CPU);
        Assert.Equal(published, network.parameters().Sum(parameter => parameter.numel()));
    }

    // As nanoGPT's train_shakespeare_char prints: "num decayed parameter tensors: 26, with 10,740,096 parameters", "num non-decayed
    // parameter tensors: 13, with 4,992 parameters". Its queries, keys and values are one tensor in each of six layers.
    [Fact]
    public void Nano_gpts_parameters_decay_as_its_program_says()
    {
        using var network = LanguageCatalog.ByName("nanogpt_6x384").BuildFrom(1, new LanguageModelOptions(65, 256, Dropout: 0), CPU);
        var rule = new AdamWRule
        {
            Beta1 = 0.9,
            Beta2 = 0.99,
            Epsilon = 1e-8,
            WeightDecay = 0.1,
            ExemptOneDimensional = true,
        };
        var groups = Optimizer.Groups(rule, network.parameters()).ToDictionary(group => group.WeightDecay, group => group.Parameters);
        Assert.Equal((26 + (2 * 6), 10_740_096), (groups[0.1].Length, groups[0.1].Sum(parameter => parameter.numel())));
        Assert.Equal((13, 4992), (groups[0].Length, groups[0].Sum(parameter => parameter.numel())));
    }

    // By hand, forward, for one window of six: what multiplies a position, and two products of attention, 2 T d each position and layer.
    [Theory]
    [InlineData("lstm_1x64", 6 * ((8 * 64 * 64) + (64 * 37)))]
    [InlineData("decoder_2x64", 6 * ((2 * ((12 * 64 * 64) + (2 * 6 * 64))) + (64 * 37)))]
    [InlineData("gpt2_2x64", 6 * ((2 * ((12 * 64 * 64) + (2 * 6 * 64))) + (64 * 37)))]
    [InlineData("nanogpt_4x128", 6 * ((4 * ((12 * 128 * 128) + (2 * 6 * 128))) + (128 * 37)))]
    [InlineData("llama_2x64", 6 * ((2 * ((4 * 64 * 64) + (3 * 64 * 192) + (2 * 6 * 64))) + (64 * 37)))]
    public void The_price_of_a_forward_pass_is_that_of_a_sum_by_hand(string name, long macs)
    {
        using var network = Build(name);
        var cost = Cost(network, examples: 3);
        Assert.Equal(3 * macs, (long)cost.Forward.Count);
        // Each product has two gradients; but an LSTM's first state is given, and needs none.
        var given = name == "lstm_1x64" ? 3 * 4 * 64 * 64 : 0;
        Assert.Equal((9 * macs) - given, (long)cost.Training.Count);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void The_operators_of_a_step_multiply_as_often_as_the_layers_are_counted(string name)
    {
        Assert.SkipUnless(NetworkPricer.OperatorsProblem is null, NetworkPricer.OperatorsProblem ?? "");
        using var scope = NewDisposeScope();
        using var network = Build(name);
        var cost = NetworkPricer.PriceByOperators(network, 2, () => network.call(Windows(2)).square().mean());
        Assert.Equal(Cost(network, examples: 2).Training, cost.Training);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void What_comes_later_is_not_seen(string name)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = Build(name);
        network.eval();
        var (before, changed) = (Windows(2), Windows(2));
        changed.narrow(1, 4, 2).fill_(5);
        var (one, other) = (network.call(before), network.call(changed));
        Assert.True(one.narrow(1, 0, 4).allclose(other.narrow(1, 0, 4), atol: 1e-6));
        Assert.False(one.narrow(1, 4, 2).allclose(other.narrow(1, 4, 2), atol: 1e-6));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Every_parameter_gets_a_gradient_and_a_few_steps_on_one_batch_learn_it(string name)
    {
        using var scope = NewDisposeScope();
        using var network = Build(name);
        var (units, wanted) = (Windows(4), Windows(4).flip(1));
        using var optimizer = optim.Adam(network.parameters(), lr: 0.01);
        var (first, last) = (0.0, 0.0);
        for (var step = 0; step < 25; step++)
        {
            using var inner = NewDisposeScope();
            optimizer.zero_grad();
            var loss = nn.functional.cross_entropy(network.call(units).flatten(0, 1), wanted.flatten());
            loss.backward();
            if (step == 0)
                Assert.All(network.named_parameters(), named =>
                    Assert.True(named.parameter.grad is { } gradient && gradient.abs().sum().ToDouble() > 0, named.name)
                );
            optimizer.step();
            (first, last) = (step == 0 ? loss.ToDouble() : first, loss.ToDouble());
        }

        Assert.InRange(last, 0, first / 2);
    }

    // Lookups, the output and vectors are no inner matrices: all of the blocks' are.
    [Theory]
    [InlineData("lstm_2x128", 4, "embedding.weight", "output.weight")]
    [InlineData("decoder_4x128", 24, "embedding.weight")]
    [InlineData("gpt2_4x128", 24, "positions.weight", "words.weight")]
    [InlineData("llama_4x128", 28, "output.weight", "words.weight")]
    public void Muon_takes_the_matrices_of_the_blocks_and_leaves_lookups_and_the_output(string name, int inner, params string[] outer)
    {
        using var network = Build(name);
        var names = network.named_parameters().Select(named => named.name);
        var matrices = names
            .Zip(InnerMatrices.Of(network))
            .Where(pair => pair.Second.Parameter.dim() == 2)
            .ToLookup(pair => pair.Second.IsInner, pair => pair.First);
        Assert.Equal(inner, matrices[true].Count());
        Assert.Equal(outer, matrices[false].Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_seed_gives_the_same_network_and_no_name_stands_twice()
    {
        using var one = Build("llama_2x64");
        using var other = Build("llama_2x64");
        Assert.All(one.parameters().Zip(other.parameters()), pair => Assert.True(pair.First.equal(pair.Second).all().ToBoolean()));
        Assert.Equal(LanguageCatalog.All.Count, LanguageCatalog.All.DistinctBy(architecture => architecture.Name).Count());
    }

    private static LanguageModel Build(string name) =>
        LanguageCatalog.ByName(name).BuildFrom(1, new LanguageModelOptions(Vocabulary, Context, Dropout: 0), CPU);

    private static NetworkCost Cost(LanguageModel network, int examples)
    {
        using var windows = Windows(examples);
        return NetworkPricer.Price(network, examples, () => network.call(windows));
    }

    /// <summary>int64 <c>[N, 6]</c>, the same every time.</summary>
    private static Tensor Windows(int examples)
    {
        var random = new Random(examples);
        return tensor([.. Enumerable.Range(0, examples * Context).Select(_ => (long)random.Next(Vocabulary))]).view(examples, Context);
    }
}
