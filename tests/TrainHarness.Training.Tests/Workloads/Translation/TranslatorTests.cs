using TorchSharp;
using TrainHarness.Compute;
using TrainHarness.Training.Pricing;
using TrainHarness.Training.Workloads.Translation.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Workloads.Translation;

public sealed class TranslatorTests
{
    private const int Vocabulary = 37;

    /// <summary>The smallest of each family, and one that widens.</summary>
    public static TheoryData<string> Families =>
        ["seq2seq_2x64", "rnnsearch_64", "luong_2x64", "gnmt_4x64", "conv_s2s_2x64", "conv_s2s_widening", "transformer_2x64"];

    // By hand, without biases of normalisation: embeddings V E, an LSTM layer 4 H (I + H) + 8 H, a GRU layer 3 H (I + H) + 6 H, a linear
    // layer I O + O. Where weights are normalised, every output has a length more.
    [Theory]
    // The five recurrent ones at 256 with the 4,031 parts of Multi30k's 4,000 merges.
    [InlineData("seq2seq_2x256", 4031, (2 * 4031 * 256) + (4 * ((4 * 256 * 512) + (8 * 256))) + (4031 * 257))]
    [InlineData(
        "luong_2x256",
        4031,
        (2 * 4031 * 256) + (3 * ((4 * 256 * 512) + 2048)) + ((4 * 256 * 768) + 2048) + (256 * 256) + (512 * 256) + (4031 * 257)
    )]
    [InlineData(
        "rnnsearch_256",
        4031,
        (2 * 4031 * 256)
            + (2 * ((3 * 256 * 512) + 1536))
            + (256 * 257)
            + (512 * 256)
            + (256 * 257)
            + 256
            + ((3 * 256 * (768 + 256)) + 1536)
            + (1024 * 512)
            + 512
            + (4031 * 257)
    )]
    [InlineData(
        "gnmt_4x256",
        4031,
        (2 * 4031 * 256)
            + (2 * ((4 * 256 * 512) + 2048))
            + ((4 * 256 * 768) + 2048)
            + (2 * ((4 * 256 * 512) + 2048))
            + ((4 * 256 * 512) + 2048)
            + (256 * 256)
            + (256 * 257)
            + 256
            + (3 * ((4 * 256 * 768) + 2048))
            + (4031 * 257)
    )]
    [InlineData(
        "conv_s2s_4x256",
        4031,
        (2 * 4031 * 256)
            + (2 * 256 * 256)
            + (4 * 256 * 257)
            + (7 * ((3 * 256 * 512) + 512))
            + (3 * 2 * 256 * 257)
            + (4031 * 257)
            + (4 * 256)
            + (7 * 512)
            + (3 * 2 * 256)
            + 4031
    )]
    // On either side: in and out, fifteen convolutions, four residuals that widen; in the decoder two lines for every attention, whose
    // widths are 15,360 together.
    [InlineData(
        "conv_s2s_wmt_en_fr",
        100,
        (2 * 768 * (100 + 256))
            + (2 * ((768 * 512) + 1024))
            + (4096 * 768)
            + 1536
            + (4096 * 512)
            + 1024
            + (512 * 100)
            + 200
            + (2 * 6 * ((3 * 512 * 1024) + 2048))
            + (2 * ((3 * 512 * 1536) + (3 * 3 * 768 * 1536) + (4 * 3072)))
            + (2 * ((3 * 768 * 2048) + (2 * 3 * 1024 * 2048) + (3 * 4096)))
            + (2 * ((1024 * 4096) + 8192 + (2048 * 8192) + 16_384))
            + (2 * ((512 * 768) + (768 * 1024) + (1024 * 2048) + (2048 * 4096) + (2 * (768 + 1024 + 2048 + 4096))))
            + (2 * 768 * 15_360)
            + (15 * 1536)
            + (2 * 15_360)
    )]
    // A layer of the encoder 4 (d² + d) + 2 d f + f + d, and two normalisations; of the decoder d² + d four times more, and a third one.
    [InlineData(
        "transformer_tiny",
        4031,
        (4031 * 128) + (4 * ((4 * 128 * 129) + (2 * 128 * 256) + 384 + 512)) + (4 * ((8 * 128 * 129) + (2 * 128 * 256) + 384 + 768))
    )]
    public void The_number_of_parameters_is_that_of_a_sum_by_hand(string name, int vocabulary, long parameters)
    {
        using var network = Build(name, vocabulary);
        Assert.Equal(parameters, network.parameters().Sum(parameter => parameter.numel()));
    }

    // arXiv:1706.03762, table 3: 65 and 213 million with 37,000 parts; arXiv:1409.3215, section 3.4: 64 million "pure recurrent
    // connections".
    [Theory]
    [InlineData("transformer_base", 65e6, 0.03)]
    [InlineData("transformer_big", 213e6, 0.01)]
    public void The_papers_own_transformers_are_as_large_as_published(string name, double published, double tolerance)
    {
        using var network = Build(name, 37_000);
        Assert.InRange(network.parameters().Sum(parameter => parameter.numel()) / published, 1 - tolerance, 1 + tolerance);
    }

    [Fact]
    public void The_papers_own_seq2seq_has_64_million_recurrent_parameters()
    {
        using var network = Build("seq2seq_4x1000", 8);
        Assert.Equal(
            64e6,
            network
                .named_parameters()
                .Where(parameter => parameter.name.Contains("weight_", StringComparison.Ordinal))
                .Sum(parameter => parameter.parameter.numel())
        );
    }

    // By hand, forward, for a batch of one; source and target of S and T positions.
    [Theory]
    // Two LSTM layers of 4 H (I + H) on either side, and H V.
    [InlineData("seq2seq_2x64", 7, 5, (7 * 2 * 4 * 64 * 128) + (5 * ((2 * 4 * 64 * 128) + (64 * Vocabulary))))]
    // Two directions; the start; keys; then a step: query, scores, context, GRU of 64 + 128 in, readout of 64 + 64 + 128, output.
    [InlineData(
        "rnnsearch_64",
        7,
        5,
        (7 * 2 * 3 * 64 * 128)
            + (64 * 64)
            + (7 * 128 * 64)
            + (5 * ((64 * 64) + (7 * 64) + (7 * 128) + (3 * 64 * (192 + 64)) + (256 * 128) + (64 * Vocabulary)))
    )]
    // The decoder takes the attentional state too; general score, two products with the source, attentional state, output.
    [InlineData(
        "luong_2x64",
        7,
        5,
        (7 * 2 * 4 * 64 * 128) + (5 * ((4 * 64 * (128 + 64)) + (4 * 64 * 128) + (64 * 64) + (2 * 7 * 64) + (128 * 64) + (64 * Vocabulary)))
    )]
    // Both directions, one layer over both, two more; keys; the asking layer, attention, three layers that take the context too, output.
    [InlineData(
        "gnmt_4x64",
        7,
        5,
        (7 * ((2 * 4 * 64 * 128) + (4 * 64 * (128 + 64)) + (2 * 4 * 64 * 128) + (64 * 64)))
            + (5 * ((4 * 64 * 128) + (64 * 64) + (7 * 64) + (7 * 64) + (3 * 4 * 64 * (128 + 64)) + (64 * Vocabulary)))
    )]
    // In and out of the encoder, two convolutions of 3 × 64 into 128; the same over T, of which each attention takes 2 d e and 2 S e more;
    // output.
    [InlineData(
        "conv_s2s_2x64",
        7,
        5,
        (7 * ((2 * 64 * 64) + (2 * 3 * 64 * 128)))
            + (5 * ((2 * 64 * 64) + (2 * ((3 * 64 * 128) + (2 * 64 * 64) + (2 * 7 * 64))) + (64 * Vocabulary)))
    )]
    // Behind a gate 64, 96 and 128 wide with kernels 3, 3 and 1: two residuals are projected, and 48 choose the word.
    [InlineData(
        "conv_s2s_widening",
        7,
        5,
        (7 * ((64 * 64) + (3 * 64 * 128) + (3 * 64 * 192) + (64 * 96) + (96 * 256) + (96 * 128) + (128 * 64)))
            + (5 * ((64 * 64) + (3 * 64 * 128) + (3 * 64 * 192) + (64 * 96) + (96 * 256) + (96 * 128) + (128 * 48) + (48 * Vocabulary)))
            + (5 * ((2 * 64 * (64 + 96 + 128)) + (3 * 2 * 7 * 64)))
    )]
    // Projections 4 d², products 2 S d, feed-forward 2 d f; in the decoder two attentions, of which one has its keys and values from the
    // source.
    [InlineData(
        "transformer_2x64",
        7,
        5,
        (2 * 7 * ((4 * 64 * 64) + (2 * 7 * 64) + (2 * 64 * 128)))
            + (2 * ((5 * ((4 * 64 * 64) + (2 * 5 * 64) + (2 * 64 * 64) + (2 * 7 * 64) + (2 * 64 * 128))) + (7 * 2 * 64 * 64)))
            + (5 * 64 * Vocabulary)
    )]
    public void The_price_of_a_forward_pass_is_that_of_a_sum_by_hand(string name, int sources, int targets, long macs)
    {
        using var network = Build(name, Vocabulary);
        Assert.Equal(macs, (long)Cost(network, 1, sources, targets).Forward.Count);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void The_price_is_a_polynomial_of_the_lengths_to_the_last_digit(string name)
    {
        using var network = Build(name, Vocabulary);
        foreach (var part in (Func<NetworkCost, Macs>[])[cost => cost.Forward, cost => cost.GradInput, cost => cost.GradWeight])
        {
            var polynomial = LengthPolynomial.Of((sources, targets) => (long)part(Cost(network, 1, sources, targets)).Count);
            var random = new Random(1);
            for (var draw = 0; draw < 5; draw++)
            {
                var (examples, sources, targets) = (random.Next(1, 6), random.Next(2, 40), random.Next(2, 40));
                Assert.Equal(examples * polynomial.At(sources, targets), (long)part(Cost(network, examples, sources, targets)).Count);
            }
        }
    }

    // By hand: 6 (4 d² + 2 d f) + 6 · 2 d² for every source token, whose keys and values the decoder takes; for every target token 6 (6 d²
    // + 2 d f) + d V.
    [Fact]
    public void The_transformer_base_costs_22020096_multiply_adds_for_a_source_token_and_38404096_for_a_target_token()
    {
        using var network = Build("transformer_base", 32_000);
        var polynomial = LengthPolynomial.Of((sources, targets) => (long)Cost(network, 1, sources, targets).Forward.Count);
        Assert.Equal((0, 22_020_096, 38_404_096), (polynomial.Constant, polynomial.Source, polynomial.Target));
        Assert.Equal((6144, 6144, 6144), (polynomial.SourceSquared, polynomial.SourceTarget, polynomial.TargetSquared));
        // The backward pass is twice the forward one, so that the published run, 100,000 steps of 25,000 tokens on either side, comes to
        // 9.06e17 FLOPs without the products of attention.
        Assert.Equal(3 * Cost(network, 1, 3, 4).Forward.Count, Cost(network, 1, 3, 4).Training.Count);
        Assert.Equal(9.06e17, 6.0 * (polynomial.Source + polynomial.Target) * 25_000 * 100_000, 1e15);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_translation_step_by_step_gives_what_one_pass_over_all_words_gives(string name)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = Build(name, Vocabulary);
        network.eval();
        var (source, target) = (Words(3, 9, paddingOfFirst: 2), Words(3, 6, paddingOfFirst: 0));
        var whole = network.call(source, target);
        using var decoding = network.Start(source, longest: 6);
        for (var step = 0; step < 6; step++)
            Assert.True(decoding.Next(target.select(1, step)).allclose(whole.select(1, step), rtol: 1e-4, atol: 1e-5), $"step {step}");
    }

    // arXiv:1705.03122, section 3.5, with a dropout of 0.2 before some layers; lookups 0.1, four times the variance before a gate.
    [Theory]
    [InlineData("source_embedding.weight", 0.01)]
    [InlineData("source_in.weight_v", 0.8 / 256)]
    [InlineData("encoder.0.weight_v", 4 * 0.8 / (3 * 256))]
    [InlineData("source_out.weight_v", 1.0 / 256)]
    [InlineData("target_in.weight_v", 0.8 / 256)]
    [InlineData("decoder.0.convolution.weight_v", 4 * 0.8 / (3 * 256))]
    [InlineData("decoder.0.query.weight_v", 1.0 / 256)]
    [InlineData("decoder.0.output.weight_v", 1.0 / 256)]
    [InlineData("target_out.weight_v", 1.0 / 256)]
    [InlineData("output.weight_v", 0.8 / 256)]
    public void ConvS2S_starts_with_the_variances_of_its_paper(string name, double variance)
    {
        using var scope = NewDisposeScope();
        using var network = TranslatorCatalog.ByName("conv_s2s_4x256").BuildFrom(1, new TranslatorOptions(4031, Dropout: 0.2), CPU);
        var weight = network.named_parameters().Single(parameter => parameter.name == name).parameter;
        Assert.Equal(1, weight.detach().var().ToDouble() / variance, 0.03);
    }

    // What a step costs by hand is what a target position does in one pass, whatever came before.
    [Theory]
    [InlineData("conv_s2s_2x64")]
    [InlineData("conv_s2s_widening")]
    public void A_step_of_convolutions_costs_as_much_at_the_end_as_at_the_begin(string name)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = Build(name, Vocabulary);
        var polynomial = LengthPolynomial.Of((sources, targets) => (long)Cost(network, 1, sources, targets).Forward.Count);
        network.eval();
        using var decoding = network.Start(Words(1, 9, paddingOfFirst: 0), longest: 6);
        var words = Words(1, 6, paddingOfFirst: 0);
        for (var step = 0; step < 6; step++)
            Assert.Equal(
                polynomial.Target + (9 * polynomial.SourceTarget),
                (long)NetworkPricer.Price(network, examples: 1, () => decoding.Next(words.select(1, step))).Forward.Count
            );
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Translations_may_change_places_on_the_way(string name)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = Build(name, Vocabulary);
        network.eval();
        var (source, target, rows) = (Words(3, 9, paddingOfFirst: 2), Words(3, 6, paddingOfFirst: 0), tensor([2L, 0L, 2L, 1L]));
        var whole = network.call(source.index_select(0, rows), target.index_select(0, rows));
        using var decoding = network.Start(source, longest: 6);
        for (var step = 0; step < 6; step++)
        {
            if (step == 3)
                decoding.Keep(rows);
            var words = (step < 3 ? target : target.index_select(0, rows)).select(1, step);
            var logits = decoding.Next(words);
            if (step >= 3)
                Assert.True(logits.allclose(whole.select(1, step), rtol: 1e-4, atol: 1e-5), $"step {step}");
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void What_comes_later_is_not_seen(string name)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = Build(name, Vocabulary);
        network.eval();
        var (source, target) = (Words(2, 5, paddingOfFirst: 0), Words(2, 6, paddingOfFirst: 0));
        var changed = target.clone();
        changed.narrow(1, 4, 2).fill_(5);
        var (before, after) = (network.call(source, target), network.call(source, changed));
        Assert.True(before.narrow(1, 0, 4).allclose(after.narrow(1, 0, 4), atol: 1e-6));
        Assert.False(before.narrow(1, 4, 2).allclose(after.narrow(1, 4, 2), atol: 1e-6));
    }

    // Recurrent encoders read padding, as their remarks say.
    [Theory]
    [InlineData("transformer_2x64")]
    [InlineData("conv_s2s_2x64")]
    [InlineData("conv_s2s_widening")]
    public void Padding_of_the_source_changes_nothing(string name)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = Build(name, Vocabulary);
        network.eval();
        var (source, target) = (Words(2, 5, paddingOfFirst: 0), Words(2, 6, paddingOfFirst: 0));
        var padded = cat([source, zeros(2, 3, dtype: ScalarType.Int64)], 1);
        Assert.True(network.call(source, target).allclose(network.call(padded, target), rtol: 1e-4, atol: 1e-5));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Every_parameter_gets_a_gradient_and_a_few_steps_on_one_batch_learn_it(string name)
    {
        using var scope = NewDisposeScope();
        using var network = Build(name, Vocabulary);
        var (source, target) = (Words(4, 5, paddingOfFirst: 0), Words(4, 6, paddingOfFirst: 0));
        using var optimizer = optim.Adam(network.parameters(), lr: 0.02);
        var (first, last) = (0.0, 0.0);
        for (var step = 0; step < 25; step++)
        {
            using var inner = NewDisposeScope();
            optimizer.zero_grad();
            var loss = nn.functional.cross_entropy(network.call(source, target).flatten(0, 1), target.flatten());
            loss.backward();
            if (step == 0)
                Assert.All(network.named_parameters(), parameter =>
                    Assert.True(parameter.parameter.grad is { } gradient && gradient.abs().sum().ToDouble() > 0, parameter.name)
                );
            optimizer.step();
            (first, last) = (step == 0 ? loss.ToDouble() : first, loss.ToDouble());
        }

        Assert.InRange(last, 0, first / 2);
    }

    [Fact]
    public void A_seed_gives_the_same_network_on_every_machine()
    {
        var architecture = TranslatorCatalog.ByName("transformer_2x64");
        using var one = architecture.BuildFrom(3, new TranslatorOptions(Vocabulary, 0.1), CPU);
        using var other = architecture.BuildFrom(3, new TranslatorOptions(Vocabulary, 0.1), CPU);
        Assert.All(one.parameters().Zip(other.parameters()), pair => Assert.True(pair.First.equal(pair.Second).all().ToBoolean()));
        Assert.All(TranslatorCatalog.All, member =>
            Assert.Equal(member.Name, Assert.Single(TranslatorCatalog.All, other => other.Name == member.Name).Name)
        );
    }

    private static Translator Build(string name, int vocabulary) =>
        SmallTranslators.ByName(name).BuildFrom(1, new TranslatorOptions(vocabulary, Dropout: 0), CPU);

    private static NetworkCost Cost(Translator network, int examples, int sources, int targets)
    {
        using var source = ones(examples, sources, dtype: ScalarType.Int64);
        using var target = ones(examples, targets, dtype: ScalarType.Int64);
        return NetworkPricer.Price(network, examples, () => network.call(source, target));
    }

    /// <summary>int64 <c>[N, length]</c>, drawn from a fixed seed.</summary>
    private static Tensor Words(int examples, int length, int paddingOfFirst)
    {
        var random = new Random(length);
        var words = tensor([.. Enumerable.Range(0, examples * length).Select(_ => (long)random.Next(4, Vocabulary))])
            .view(examples, length);
        if (paddingOfFirst > 0)
            words[0].narrow(0, length - paddingOfFirst, paddingOfFirst).zero_();
        return words;
    }
}
