using TorchSharp;
using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Architectures;

public class OneStepTests
{
    private const int Batch = 4;
    private const int Classes = 10;

    public static TheoryData<string> Names => [.. ArchitectureCatalog.All.Select(architecture => architecture.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_step_down_the_gradient_lowers_the_loss_of_its_batch_and_every_parameter_has_a_finite_gradient(string name)
    {
        using var scope = NewDisposeScope();
        using var network = Built(name, out var images);
        foreach (var random in network.modules().Where(module => module is Dropout or DropPath))
            random.eval();
        var before = Loss(network, images);
        before.backward();

        Assert.All(network.named_parameters(), entry =>
            Assert.True(entry.parameter.grad is { } gradient && gradient.isfinite().all().item<bool>(), entry.name)
        );
        var slope = network.parameters().Sum(parameter => parameter.grad!.mul(parameter.grad!).sum().item<float>());
        // The rate at which a straight line would lose a hundredth of the loss.
        using Scalar rate = 0.01 * before.item<float>() / slope;
        using (no_grad())
        {
            foreach (var parameter in network.parameters())
                parameter.sub_(parameter.grad!.mul_(rate));
        }

        Assert.True(Loss(network, images).item<float>() < before.item<float>());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Training_differs_from_evaluation_where_something_drops_or_averages_over_the_batch(string name)
    {
        using var scope = NewDisposeScope();
        using var withoutGradients = no_grad();
        using var network = Built(name, out var images);
        // Zero heads and tiny layer scales would hide any difference.
        foreach (
            var parameter in network.parameters().Where(parameter => parameter.dim() >= 2 && parameter.abs().max().item<float>() < 1e-5)
        )
            nn.init.normal_(parameter, mean: 0, std: 0.1);
        var differs = network.modules().Any(module => module is BatchNormalisation or Dropout or DropPath) && name != "vit_b_16";

        network.eval();
        var evaluated = network.call(images);
        var again = network.call(images);
        network.train();
        var trained = network.call(images);

        Assert.True(evaluated.equal(again).all().item<bool>());
        Assert.Equal(differs, !evaluated.allclose(trained, rtol: 1e-5, atol: 1e-6));
    }

    [Trait("Lane", "long")]
    [Theory]
    [MemberData(nameof(Names))]
    public void A_saved_network_loads_into_another_that_then_answers_the_same(string name)
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var withoutGradients = no_grad();
        var file = Path.Combine(folder.Path, "network");
        Tensor answers;
        Tensor images;
        using (var network = Built(name, out images))
        {
            network.call(images);
            network.eval();
            answers = network.call(images);
            network.save(file);
        }

        using var other = ArchitectureCatalog.ByName(name).Build(Options(name));
        other.load(file);
        other.eval();

        Assert.True(other.call(images).equal(answers).all().item<bool>());
        Assert.True(answers.isfinite().all().item<bool>());
    }

    private static NetworkOptions Options(string name) => new(Classes, Math.Max(32, ArchitectureCatalog.ByName(name).MinimumImageSize));

    private static nn.Module<Tensor, Tensor> Built(string name, out Tensor images)
    {
        manual_seed(5);
        var options = Options(name);
        images = randn(Batch, 3, options.ImageSize, options.ImageSize);
        var network = ArchitectureCatalog.ByName(name).Build(options);
        network.train();
        return network;
    }

    private static Tensor Loss(nn.Module<Tensor, Tensor> network, Tensor images) =>
        nn.functional.cross_entropy(network.call(images), arange(Batch, dtype: ScalarType.Int64));
}
