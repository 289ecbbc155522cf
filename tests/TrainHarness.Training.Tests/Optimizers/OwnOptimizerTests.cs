using TorchSharp.Modules;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Optimizers;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Optimizers;

/// <summary>An optimizer that is a file of somebody's own, by the example of docs/examples.</summary>
public sealed class OwnOptimizerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public OwnOptimizerTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "operators are seen on Linux alone");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Lion_steps_as_by_hand()
    {
        var rule = Rule(Path.Combine(Repository.Folder, "docs", "examples"), "./Lion.cs") with
        {
            WeightDecay = 0.1,
            ExemptOneDimensional = true,
        };
        OwnUpdate.Check(rule);
        using var weight = new Parameter(full([2, 2], 1.0));
        using var bias = new Parameter(full([2], 1.0));
        using var optimizer = Optimizer.For(rule, [weight, bias]);
        (weight.grad, bias.grad) = (full_like(weight, -0.5), full_like(bias, 0.5));
        optimizer.Update(learningRate: 0.1);
        // w (1 − 0.1 × 0.1) + 0.1, and a bias that does not decay: 1 − 0.1.
        Assert.Equal(1.09f, weight[0, 0].item<float>(), 1e-6f);
        Assert.Equal(0.9f, bias[0].item<float>(), 1e-6f);
        Assert.Equal(["mean.0.0", "mean.1.0"], optimizer.State.Keys.Order());
        // (1 − 0.99) × −0.5.
        Assert.Equal(-0.005f, optimizer.State["mean.0.0"][0, 0].item<float>(), 1e-7f);
        // The mean outweighs a small gradient of the other sign: 0.9 × −0.005 + 0.1 × 0.01 is below 0.
        weight.grad = full_like(weight, 0.01);
        optimizer.Update(learningRate: 0.1);
        Assert.Equal((1.09f * 0.99f) + 0.1f, weight[0, 0].item<float>(), 1e-5f);
        optimizer.Reset();
        Assert.Equal(0f, optimizer.State["mean.0.0"].abs().sum().item<float>());
    }

    [Fact]
    public void A_resumed_optimizer_counts_its_steps_on()
    {
        var source = """
            using TorchSharp.Modules;
            using TrainHarness.Training.Optimizers;
            using static TorchSharp.torch;

            public sealed class Counting : UpdateRule
            {
                public override IReadOnlyList<string> StateNames => [];

                public override void Update(Parameter parameter, Tensor gradient, IReadOnlyList<Tensor> state, UpdateStep at) =>
                    parameter.fill_(at.Number);
            }
            """;
        File.WriteAllText(folder["Counting.cs"], source);
        using var weight = new Parameter(zeros(2));
        weight.grad = zeros_like(weight);
        using var optimizer = Optimizer.For(Rule(folder.Path, "./Counting.cs"), [weight]);
        optimizer.ResumeAfter(41);
        optimizer.Update(0.1);
        Assert.Equal(42f, weight[0].item<float>());
    }

    [Theory]
    [InlineData("gradient.mul(2)", "gradient.muul(2)", ":9:")]
    [InlineData(
        "gradient.mul(2)",
        "gradient.mul(gradient.reshape(1, -1).matmul(gradient.reshape(-1, 1)).sum())",
        "its update multiplies matrices (aten::m"
    )]
    [InlineData("gradient.mul(2)", "gradient.div(0)", "two steps on small parameters leave a weight that is not finite.")]
    public void What_cannot_be_an_optimizer_is_refused_before_anything_is_trained(string what, string by, string problem)
    {
        const string Source = """
            using TorchSharp.Modules;
            using TrainHarness.Training.Optimizers;
            using static TorchSharp.torch;

            public sealed class Mine : UpdateRule
            {
                public override IReadOnlyList<string> StateNames => [];
                public override void Update(Parameter parameter, Tensor gradient, IReadOnlyList<Tensor> state, UpdateStep at) =>
                    parameter.sub_(gradient.mul(2));
            }
            """;
        File.WriteAllText(
            folder["Mine.cs"],
            Source.Replace(what, by, StringComparison.Ordinal).Replace(by == ": object" ? "override " : "\0", "", StringComparison.Ordinal)
        );
        var error = Assert.Throws<ConfigurationException>(() => OwnUpdate.Check(Rule(folder.Path, "./Mine.cs")));
        Assert.StartsWith(folder["Mine.cs"], error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    // Neither is tried before a training: a product for parameters that are large enough, and one in a late step.
    [Theory]
    [InlineData("parameter.numel() > 1000", 1)]
    [InlineData("at.Number == 7", 7)]
    [InlineData("at.Number % 10 == 0", 10)]
    public void The_first_product_of_a_training_ends_it(string when, int step)
    {
        File.WriteAllText(
            folder["Late.cs"],
            $$"""
            using TorchSharp.Modules;
            using TrainHarness.Training.Optimizers;
            using static TorchSharp.torch;

            public sealed class Late : UpdateRule
            {
                public override IReadOnlyList<string> StateNames => [];
                public override void Update(Parameter parameter, Tensor gradient, IReadOnlyList<Tensor> state, UpdateStep at)
                {
                    var by = {{when}} ? gradient.matmul(gradient.transpose(0, 1)).mean() : gradient.mean();
                    parameter.sub_(gradient.mul(by));
                }
            }
            """
        );
        var rule = Rule(folder.Path, "./Late.cs");
        OwnUpdate.Check(rule);
        using var weight = new Parameter(ones(40, 50));
        using var optimizer = Optimizer.For(rule, [weight]);
        for (var before = 1; before < step; before++)
            Step();
        Assert.Equal(
            $"{folder["Late.cs"]}: its update multiplies matrices (aten::mm, of a parameter [40,50], in step {step}), which no ledger "
                + $"counts; allowed: element by element.",
            Assert.Throws<ConfigurationException>(Step).Message
        );

        void Step()
        {
            weight.grad = full_like(weight, 0.01);
            optimizer.Update(learningRate: 0.1);
        }
    }

    [Fact]
    public void What_an_update_throws_is_one_line_with_its_place()
    {
        File.WriteAllText(
            folder["Broken.cs"],
            """
            using TorchSharp.Modules;
            using TrainHarness.Training.Optimizers;
            using static TorchSharp.torch;

            public sealed class Broken : UpdateRule
            {
                public override IReadOnlyList<string> StateNames => [];
                public override void Update(Parameter parameter, Tensor gradient, IReadOnlyList<Tensor> state, UpdateStep at) =>
                    parameter.add_(state[0]);
            }
            """
        );
        var error = Assert.Throws<ConfigurationException>(() => OwnUpdate.Check(Rule(folder.Path, "./Broken.cs")));
        Assert.StartsWith($"{folder["Broken.cs"]}:9: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("OutOfRangeException: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_such_a_class_is_refused()
    {
        File.WriteAllText(folder["Mine.cs"], "public sealed class Mine;");
        var error = Assert.Throws<ConfigurationException>(() => OwnUpdate.Check(Rule(folder.Path, "./Mine.cs")));
        Assert.Equal(
            $"{folder["Mine.cs"]}: holds no class derived from UpdateRule with a public constructor that takes nothing.",
            error.Message
        );
    }

    private static OwnRule Rule(string folder, string place) => new() { Source = OwnSource.Read(place, folder), WeightDecay = 0 };
}
