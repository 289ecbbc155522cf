using TrainHarness.Training.Layers;
using TrainHarness.Training.Native;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Native;

public sealed class CudnnTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Batch_normalisation_by_name_is_what_TorchSharp_computes_forward_and_backward_and_in_its_running_statistics(bool training)
    {
        Assert.SkipUnless(CudnnBatchNormalisation.IsAvailable, "this libtorch does not show what it needs");
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var reference = nn.BatchNorm2d(5);
        reference.train(training);
        var (mean, variance) = (zeros(5), ones(5));
        var (scale, shift) = (ones(5, requires_grad: true), zeros(5, requires_grad: true));
        for (var step = 0; step < 3; step++)
        {
            var given = randn(4, 5, 6, 7);
            var (one, other) = (given.clone().requires_grad_(), given.clone().requires_grad_());
            var weights = randn(4, 5, 6, 7);
            var expected = reference.call(one);
            var answer = CudnnBatchNormalisation.Apply(other, scale, shift, mean, variance, training, momentum: 0.1, epsilon: 1e-5);
            (expected * weights).sum().backward();
            (answer * weights).sum().backward();
            Assert.True(expected.equal(answer).all().item<bool>());
            Assert.True(one.grad!.equal(other.grad!).all().item<bool>());
        }

        Assert.True(reference.weight!.grad!.equal(scale.grad!).all().item<bool>());
        Assert.True(reference.bias!.grad!.equal(shift.grad!).all().item<bool>());
        Assert.True(reference.running_mean!.equal(mean).all().item<bool>());
        Assert.True(reference.running_var!.equal(variance).all().item<bool>());
    }

    [Fact]
    public void Our_batch_normalisation_has_the_keys_and_the_numbers_of_TorchSharps()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var reference = nn.BatchNorm2d(5, eps: 0.001, momentum: 0.3);
        using var ours = new BatchNormalisation(5, epsilon: 0.001, momentum: 0.3);
        Assert.Equal(reference.state_dict().Keys, ours.state_dict().Keys);
        Assert.Equal(reference.parameters().Select(parameter => parameter.shape), ours.parameters().Select(parameter => parameter.shape));
        for (var step = 0; step < 3; step++)
        {
            var given = randn(4, 5, 6, 7);
            Assert.True(reference.call(given).equal(ours.call(given)).all().item<bool>());
        }

        reference.eval();
        ours.eval();
        var unseen = randn(4, 5, 6, 7);
        Assert.True(reference.call(unseen).equal(ours.call(unseen)).all().item<bool>());
        Assert.All(reference.state_dict(), entry => Assert.True(entry.Value.equal(ours.state_dict()[entry.Key]).all().item<bool>()));
        Assert.Equal(3, ours.state_dict()["num_batches_tracked"].item<long>());
    }

    [Fact]
    public void A_gpus_generator_is_refused_where_there_is_none()
    {
        Assert.SkipWhen(CudaGenerator.IsAvailable, "this libtorch has it");
        Assert.Throws<NotSupportedException>(() => CudaGenerator.State(0));
    }
}
