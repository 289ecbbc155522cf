using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Architectures;

public sealed class FunctionTests : IDisposable
{
    private static readonly IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Checks = ReferenceTable.Read(
        "forward-checks.csv"
    );

    public static TheoryData<string> Names => [.. Checks.Keys];

    // Float64 depthwise convolutions are hundreds of tiny products each; on a busy machine a second thread makes them wait for each other.
    private readonly int threads = get_num_threads();

    public FunctionTests() => set_num_threads(1);

    public void Dispose() => set_num_threads(threads);

    [Theory]
    [MemberData(nameof(Names))]
    public void Loss_gradient_and_logits_equal_torchvisions(string name)
    {
        using var scope = NewDisposeScope();
        var check = Checks[name];
        double Expected(string column) => double.Parse(check[column], CultureInfo.InvariantCulture);
        var size = (int)Expected("image_size");
        using var network = WithClosedFormWeights(ArchitectureCatalog.ByName(name), size);

        var logits = network.call(ClosedForm.Uniform([2, 3, size, size]));
        var loss = nn.functional.cross_entropy(logits, tensor(new long[] { 1, 3 }));
        loss.backward();

        AssertClose(Expected("loss"), loss.item<double>());
        var squares = network.parameters().Sum(parameter => parameter.grad!.mul(parameter.grad!).sum().item<double>());
        AssertClose(Expected("grad_norm"), Math.Sqrt(squares));
        for (var index = 0; index < 3; index++)
            AssertClose(Expected($"logit{index}"), logits[0, index].item<double>());
    }

    // torchvision has no AlexNet of 2012; its layers but one are the ones checked above, and this is the one.
    [Fact]
    public void Local_response_normalisation_is_the_papers_formula()
    {
        using var scope = NewDisposeScope();
        using var normalisation = new ResponseNormalisation();
        double[] channels = [3, -1, 4, 10, -5, 9, 2];
        var normalised = normalisation.call(tensor(channels).view(1, 7, 1, 1)).flatten().data<double>().ToArray();
        for (var channel = 0; channel < channels.Length; channel++)
        {
            // Section 3.3: b = a / (k + alpha · sum of squares over the five channels around)^beta.
            var squares = channels[Math.Max(0, channel - 2)..Math.Min(channels.Length, channel + 3)].Sum(value => value * value);
            AssertClose(channels[channel] / Math.Pow(2 + (1e-4 * squares), 0.75), normalised[channel]);
        }
    }

    private static nn.Module<Tensor, Tensor> WithClosedFormWeights(Architecture architecture, int size)
    {
        var network = architecture.Build(new(10, size));
        network.to(ScalarType.Float64);
        ClosedForm.Fill(network);
        network.train();
        foreach (var random in network.modules().Where(module => module is Dropout or DropPath))
            random.eval();
        return network;
    }

    private static void AssertClose(double expected, double actual) =>
        Assert.InRange(Math.Abs(actual - expected), 0, 1e-6 * Math.Abs(expected));
}
