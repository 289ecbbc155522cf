using System.Globalization;
using TorchSharp;
using TrainHarness.Training.Workloads.Translation;
using TrainHarness.Training.Workloads.Translation.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Workloads.Translation;

/// <summary>What the networks compute, against PyTorch's own layers under weights in closed form: Reference/translators.py.</summary>
public sealed class TranslatorFunctionTests
{
    private const int Vocabulary = 37;

    private static readonly IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Reference = ReferenceTable.Read(
        "translators.csv"
    );

    public static TheoryData<string> Networks => [.. Reference.Keys];

    [Theory]
    [MemberData(nameof(Networks))]
    public void Logits_loss_and_gradient_are_those_of_pytorch(string name)
    {
        using var scope = NewDisposeScope();
        using var network = SmallTranslators.ByName(name).BuildFrom(1, new TranslatorOptions(Vocabulary, Dropout: 0), CPU);
        Fill(network);
        var source = tensor([5L, 9, 14, 22, 2, 31, 7, 2, 0, 0, 12, 12, 36, 4, 2]).view(3, 5);
        var target = tensor([1L, 8, 20, 33, 1, 17, 6, 4, 1, 30, 11, 0]).view(3, 4);
        var wanted = tensor([8L, 20, 33, 2, 17, 6, 4, 2, 30, 11, 2, 0]).view(3, 4);
        var logits = network.call(source, target);
        var loss = TranslationObjective.Loss(logits, wanted, smoothing: 0, nn.Reduction.Mean);
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

    private static void Fill(nn.Module network)
    {
        using var noGradient = no_grad();
        foreach (
            var (number, (name, parameter)) in network
                .named_parameters()
                .OrderBy(parameter => parameter.name, StringComparer.Ordinal)
                .Index()
        )
        {
            var start = name.Contains("norm", StringComparison.Ordinal) && name.EndsWith("weight", StringComparison.Ordinal) ? 1 : 0;
            var values = Enumerable
                .Range(0, (int)parameter.numel())
                .Select(element => (float)(start + (0.2 * Math.Sin((0.7 * element) + number + 1))))
                .ToArray();
            parameter.copy_(tensor(values).view(parameter.shape));
            if (name.Contains("embedding", StringComparison.Ordinal))
                parameter.narrow(0, 0, 1).zero_();
        }
    }
}
