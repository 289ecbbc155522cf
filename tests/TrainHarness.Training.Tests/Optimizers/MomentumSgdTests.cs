using TorchSharp.Modules;
using TrainHarness.Protocol;
using TrainHarness.Training.Native;
using TrainHarness.Training.Optimizers;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Optimizers;

public sealed class MomentumSgdTests
{
    [Theory]
    [InlineData(true, true, 0.9)]
    [InlineData(true, false, 0.9)]
    [InlineData(true, false, 0)]
    [InlineData(false, true, 0.9)]
    [InlineData(false, false, 0.9)]
    [InlineData(false, false, 0)]
    public void Twenty_steps_end_where_TorchSharp_ends(bool fused, bool nesterov, double momentum)
    {
        using var parameter = Start();
        using var reference = Start();
        var rule = new SgdRule
        {
            Momentum = momentum,
            Nesterov = nesterov,
            WeightDecay = 1e-2,
        };
        using var ours = new MomentumSgd([parameter], rule, useFused: fused);
        using var theirs = optim.SGD([reference], 0.05, momentum: momentum, weight_decay: 1e-2, nesterov: nesterov);
        Assert.Equal(fused ? NativePath.FusedSgd : null, ours.NativePath);
        for (var step = 0; step < 20; step++)
        {
            Backward(parameter);
            ours.Update(0.05);
            Backward(reference);
            theirs.step();
        }

        Assert.True(parameter.allclose(reference, rtol: 0, atol: 1e-6));
    }

    [Fact]
    public void After_a_reset_the_next_step_is_a_first_step()
    {
        using var parameter = Start();
        using var other = Start();
        var rule = new SgdRule
        {
            Momentum = 0.9,
            Nesterov = false,
            WeightDecay = 0,
        };
        using var optimizer = new MomentumSgd([parameter], rule, useFused: true);
        Backward(parameter);
        optimizer.Update(0);
        optimizer.Reset();
        using var fresh = new MomentumSgd([other], rule, useFused: true);
        Backward(parameter);
        Backward(other);
        optimizer.Update(0.1);
        fresh.Update(0.1);
        Assert.True(parameter.allclose(other, rtol: 0, atol: 0));
    }

    private static Parameter Start() => new(linspace(-1, 1, 30, dtype: ScalarType.Float32).view(5, 6));

    private static void Backward(Parameter parameter)
    {
        parameter.grad = null;
        using var loss = (parameter * parameter * parameter * parameter).sum();
        loss.backward();
    }
}
