using System.Globalization;
using TorchSharp;
using TrainHarness.Training.Workloads.LanguageModelling;
using TrainHarness.Training.Workloads.LanguageModelling.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Workloads.LanguageModelling;

/// <summary>What the networks compute, against PyTorch's own layers under weights in closed form: Reference/language-models.py.</summary>
public sealed class LanguageModelFunctionTests
{
    private static readonly LanguageModelOptions Options = new(Vocabulary: 37, Context: 6, Dropout: 0);

    private static readonly IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Reference = ReferenceTable.Read(
        "language-models.csv"
    );

    public static TheoryData<string> Networks => [.. Reference.Keys];

    [Theory]
    [MemberData(nameof(Networks))]
    public void Logits_loss_and_gradient_are_those_of_pytorch(string name)
    {
        using var scope = NewDisposeScope();
        using var network = Build(name);
        Fill(network);
        var units = tensor([5L, 9, 14, 22, 2, 0, 31, 7, 2, 0, 36, 1, 12, 12, 36, 4, 2, 30]).view(3, 6);
        var wanted = tensor([9L, 14, 22, 2, 0, 8, 7, 2, 0, 36, 1, 5, 12, 36, 4, 2, 30, 33]).view(3, 6);
        var logits = network.call(units);
        var loss = LanguageObjective.Loss(logits, wanted, nn.Reduction.Mean);
        loss.backward();
        var gradient = Math.Sqrt(network.parameters().Sum(parameter => parameter.grad!.square().sum().ToDouble()));
        Close("first", logits[0, 0, 0].ToDouble());
        Close("middle", logits[1, 2, 7].ToDouble());
        Close("sum", logits.sum().ToDouble());
        Close("absolute", logits.abs().sum().ToDouble());
        Close("loss", loss.ToDouble());
        Close("gradient", gradient);

        void Close(string column, double value)
        {
            var right = double.Parse(Reference[name][column], CultureInfo.InvariantCulture);
            Assert.True(Math.Abs(value - right) <= 1e-4 * Math.Max(1, Math.Abs(right)), $"{column}: {value}, PyTorch {right}");
        }
    }

    // nanoGPT's form has no member as small as the others.
    private static LanguageModel Build(string name) =>
        name == "nanogpt_2x64"
            ? new Gpt(Options, count: 2, width: 64, heads: 4, isPlain: true)
            : LanguageCatalog.ByName(name).BuildFrom(1, Options, CPU);

    private static void Fill(nn.Module network)
    {
        using var noGradient = no_grad();
        var parameters = network.named_parameters().OrderBy(parameter => parameter.name, StringComparer.Ordinal);
        foreach (var (number, (name, parameter)) in parameters.Index())
        {
            var start = name.Contains("norm", StringComparison.Ordinal) && name.EndsWith("weight", StringComparison.Ordinal) ? 1 : 0;
            var values = Enumerable
                .Range(0, (int)parameter.numel())
                .Select(element => (float)(start + (0.2 * Math.Sin((0.7 * element) + number + 1))))
                .ToArray();
            parameter.copy_(tensor(values).view(parameter.shape));
        }
    }
}
