using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Pricing;
using TrainHarness.Training.Workloads;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using TrainHarness.Training.Workloads.LanguageModelling;
using TrainHarness.Training.Workloads.LanguageModelling.Architectures;
using TrainHarness.Training.Workloads.SelfPlay;
using TrainHarness.Training.Workloads.SelfPlay.Games;
using TrainHarness.Training.Workloads.Translation;
using TrainHarness.Training.Workloads.Translation.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Workloads;

/// <summary>
/// Networks of somebody's own, of every workload, by the files that <c>new architecture</c> writes: counted to the last digit, or refused
/// in one line. OwnArchitectureTests trains them.
/// </summary>
public sealed class OwnModelTests : IDisposable
{
    private const string Images = "image-classification";
    private const string Language = "language-modelling";
    private const string Board = "self-play";
    private const string Sentences = "translation";

    private readonly TemporaryFolder folder = new();

    public OwnModelTests() => Assert.SkipUnless(NetworkPricer.OperatorsProblem is null, NetworkPricer.OperatorsProblem ?? "");

    public void Dispose() => folder.Dispose();

    // By hand, for one window of 6 units: a block has 4 × 64 × 64 for its projections and 8 × 64 × 64 behind them for each unit, and 2 × 64
    // for each pair; the head 64 × 20. A position of 4 × 4: 16 × 9 × (4 + 16) × 16 in the trunk, (2 + 1) × 16 × 16 in the heads, 32 × 16
    // and 16 × 1.
    [Theory]
    [InlineData(Language, (2 * ((6 * 12 * 64 * 64) + (36 * 2 * 64))) + (6 * 64 * 20))]
    [InlineData(Board, (16 * 9 * 20 * 16) + (3 * 16 * 16) + (32 * 16) + 16)]
    public void What_is_written_costs_what_it_does_by_hand(string workload, int forward)
    {
        var count = Count(workload, Written(workload));
        Assert.Equal((UInt128)forward, count.Cost.Forward.Count / (UInt128)count.Cost.Examples);
    }

    [Theory]
    [InlineData(Images)]
    [InlineData(Language)]
    [InlineData(Board)]
    [InlineData(Sentences)]
    public void A_file_is_of_one_workload(string workload)
    {
        var source = Source(Written(workload));
        Assert.Equal(workload, WorkloadCatalog.Shipped.OfOwn(source));
    }

    [Theory]
    [InlineData(
        Language,
        "norm.call(x))",
        "norm.call(x).matmul(eye(Width)))",
        "multiplies 49152 times in the forward pass by its operators, and is counted with 0"
    )]
    [InlineData(Language, "var later", "if (!training) x = x.matmul(eye(Width)); var later", "multiplies 49152 times in the forward pass")]
    [InlineData(
        Board,
        "trunk.call(input);",
        "trunk.call(input).matmul(eye(4));",
        "multiplies 2048 times in the forward pass by its operators, and is counted with 0"
    )]
    [InlineData(
        Sentences,
        "written + seen)",
        "(written + seen).matmul(eye(Width)))",
        "multiplies 40960 times in the forward pass by its operators"
    )]
    [InlineData(
        Language,
        "block.call(x, later)",
        "block.call(x, later.mul(0).nan_to_num())",
        "says at a place changes with the units behind it"
    )]
    [InlineData(
        Language,
        "head = Linear(Width, options.Vocabulary);",
        "head = Linear(Width, options.Vocabulary); head.weight = units.weight;",
        "'units.weight' and 'head.weight' of Mine are one tensor, which would be updated twice in each step."
    )]
    [InlineData(Sentences, "written + seen)", "written.flip(1) + seen)", "says at a place changes with the subwords behind it")]
    [InlineData(
        Language,
        "norm.call(x))",
        "norm.call(x)).narrow(1, 0, 1)",
        "of 2 windows of 6 Mine makes [2, 1, 20]; expected: [2, 6, 20], a number for"
    )]
    [InlineData(Board, ".squeeze(1)", "", "of 2 positions Mine makes [2, 1]; expected: [2], what the player may expect.")]
    [InlineData(Language, "var later", "_ = (new int[1])[7]; var later", "Mine.cs:42: IndexOutOfRangeException: ")]
    [InlineData(Images, "return head.call(", "_ = (Linear)(object)input; return head.call(", "Mine.cs:34: InvalidCastException: ")]
    [InlineData(
        Images,
        "return head.call(",
        "int.Parse(\"x\"); return head.call(",
        "Mine.cs:34: FormatException: The input string 'x' was not in a"
    )]
    [InlineData(
        Images,
        "return head.call(",
        "_ = input.view(-1, 7); return head.call(",
        "Mine.cs:34: ExternalException: shape '[-1, 7]' is invalid"
    )]
    [InlineData(
        Images,
        "return head.call(",
        "Linear none = null!; _ = none.bias; return head.call(",
        "Mine.cs:34: NullReferenceException: "
    )]
    [InlineData(
        Images,
        "return head.call(",
        "throw new ArgumentException(\"a\\nb\"); return head.call(",
        "Mine.cs:34: ArgumentException: a"
    )]
    [InlineData(Images, "head = Linear(64, classes);", "head = Linear(64, (new int[0])[0]);", "Mine.cs:23: IndexOutOfRangeException: ")]
    public void What_is_wrong_with_one_is_one_line(string workload, string from, string to, string expected)
    {
        var source = Written(workload);
        Assert.Contains(from, source, StringComparison.Ordinal);
        var error = Assert.Throws<ConfigurationException>(() => Count(workload, source.Replace(from, to, StringComparison.Ordinal)));
        Assert.StartsWith(folder["Mine.cs"], error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    // What starts at zero hides what it sees, until it is trained.
    [Fact]
    public void A_network_that_looks_ahead_is_refused_though_all_of_it_starts_at_zero()
    {
        var source = Written(Language)
            .Replace("block.call(x, later)", "block.call(x, later.mul(0).nan_to_num())", StringComparison.Ordinal)
            .Replace(
                "RegisterComponents();",
                "RegisterComponents(); foreach (var each in parameters()) init.zeros_(each);",
                StringComparison.Ordinal
            );
        var error = Assert.Throws<ConfigurationException>(() => Count(Language, source));
        Assert.Contains("says at a place changes with the units behind it", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Language)]
    [InlineData(Board)]
    [InlineData(Sentences)]
    public void Date_and_paper_are_those_of_its_attribute(string workload)
    {
        IOwnArchitectures own = workload switch
        {
            Language => new LanguageModellingWorkload(),
            Board => new SelfPlayWorkload(),
            _ => new TranslationWorkload(),
        };
        var without = own.Own(Source(Written(workload)));
        Assert.Equal((default, "", workload == Board), (without.Published, without.Paper, without.HasBatchNormalisation));
        var dated = own.Own(Source(Written(workload).Replace("// [Published", "[Published", StringComparison.Ordinal)));
        Assert.Equal((new DateOnly(2026, 1, 31), "arXiv:2601.00000"), (dated.Published, dated.Paper));
        Assert.Equal(OwnSource.Read("./Mine.cs", folder.Path).Sha256, dated.SourceSha256);
    }

    // One position by another's: stated to the last digit, and still no price of a position.
    [Fact]
    public void What_depends_on_how_many_positions_are_looked_at_together_has_no_price_for_each()
    {
        const string Mixing = """
            private sealed class Mixing() : Module<Tensor, Tensor>("Mixing"), TrainHarness.Training.Pricing.IPricedModule
            {
                public override Tensor forward(Tensor input) => input.flatten(1).matmul(input.flatten(1).t()).mean().add(input);

                public TrainHarness.Compute.LayerCost Price(string name, TrainHarness.Training.Pricing.LayerRun run)
                {
                    var products = TrainHarness.Compute.Macs.Product([run.Input[0], .. run.Input]);
                    return new(name, "mixing", products, products, products);
                }
            }
            """;
        var source = Written(Board)
            .Replace(
                "private const int Filters",
                $"{Mixing}\n    private readonly Mixing mixing = new();\n    private const int Filters",
                StringComparison.Ordinal
            )
            .Replace("trunk.call(input);", "mixing.call(trunk.call(input));", StringComparison.Ordinal);
        var error = Assert.Throws<ConfigurationException>(() => Count(Board, source));
        Assert.Contains("of 3 positions together it multiplies ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_translator_that_does_not_say_how_it_writes_goes_through_all_words_at_every_step()
    {
        using var scope = NewDisposeScope();
        var architecture = OwnTranslator.Of(Source(Written(Sentences)));
        using var network = architecture.Build(new TranslatorOptions(Vocabulary: 11, Dropout: 0));
        network.eval();
        using var withoutGradients = no_grad();
        var (sources, targets) = (randint(3, 11, [3, 7], dtype: ScalarType.Int64), randint(3, 11, [3, 4], dtype: ScalarType.Int64));
        var whole = network.call(sources, targets);
        using var decoding = network.Start(sources, 4);
        for (var step = 0; step < 4; step++)
        {
            if (step == 2)
                decoding.Keep(tensor(new long[] { 0, 1, 2 }));
            Assert.True(decoding.Next(targets.select(1, step)).allclose(whole.select(1, step), rtol: 1e-4, atol: 1e-5));
        }
    }

    private StepCount Count(string workload, string text)
    {
        var source = Source(text);
        return workload switch
        {
            Language => OwnLanguageModel.Price(source, context: 6),
            Board => OwnBoardNetwork.Price(source, new Hex(4)),
            Sentences => OwnTranslator.Price(source),
            _ => OwnNetwork.Price(source, new NetworkOptions(10, 32), images: 2),
        };
    }

    private OwnSource Source(string text)
    {
        File.WriteAllText(folder["Mine.cs"], text);
        return OwnSource.Read("./Mine.cs", folder.Path);
    }

    private static string Written(string workload) =>
        File.ReadAllText(Path.Combine(Repository.Folder, "src", "TrainHarness.Cli", "Templates", $"{workload}.cs.txt"))
            .Replace("NAME", "Mine", StringComparison.Ordinal);
}
