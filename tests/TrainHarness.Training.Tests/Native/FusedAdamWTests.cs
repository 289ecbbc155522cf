using TorchSharp.Modules;
using TrainHarness.Training.Native;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Native;

public class FusedAdamWTests
{
    [Fact]
    public void The_first_step_is_as_long_as_the_learning_rate_whatever_the_gradients()
    {
        using var scope = NewDisposeScope();
        var parameter = zeros(3);

        Step(parameter, tensor([0.001f, -1f, 1000f]));

        Assert.Equal([-0.25, 0.25, -0.25], parameter.data<float>().Select(value => (double)value), (expected, actual) =>
            Math.Abs(expected - actual) < 1e-5
        );
    }

    [Fact]
    public void Ten_steps_with_the_parameters_own_gradients_equal_those_of_TorchSharps_optimizer()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        Parameter[] reference = [new(randn(16, 8)), new(randn(16))];
        Tensor[] parameters = [.. reference.Select(parameter => parameter.detach().clone().requires_grad_())];
        var fused = new FusedAdamW(
            parameters,
            [.. parameters.Select(parameter => zeros_like(parameter))],
            [.. parameters.Select(parameter => zeros_like(parameter))]
        );
        using var optimizer = optim.AdamW(reference, lr: 0.01, beta1: 0.9, beta2: 0.99, eps: 1e-6, weight_decay: 0.1);
        for (var step = 1; step <= 10; step++)
        {
            foreach (var (one, other) in reference.Zip(parameters))
            {
                other.grad = randn(one.shape);
                one.grad = other.grad.clone();
            }

            optimizer.step();
            fused.Step(full([], (float)step), learningRate: 0.01, beta1: 0.9, beta2: 0.99, weightDecay: 0.1, epsilon: 1e-6);
        }

        Assert.All(reference.Zip(parameters), pair => Assert.True((pair.First - pair.Second).abs().max().item<float>() < 1e-6));
    }

    [Fact]
    public void A_gradient_with_its_elements_in_another_order_is_refused() =>
        Assert.Throws<ArgumentException>(() => Step(zeros(3, 4), zeros(4, 3).t()));

    [Fact]
    public void An_error_of_libtorch_is_an_exception() =>
        Assert.Throws<InvalidOperationException>(() => Step(zeros(3, ScalarType.Int64), zeros(3, ScalarType.Int64)));

    private static void Step(Tensor parameter, Tensor gradient) =>
        FusedAdamW.Step(
            [parameter],
            [gradient],
            [zeros_like(parameter)],
            [zeros_like(parameter)],
            ones([]),
            learningRate: 0.25,
            beta1: 0.9,
            beta2: 0.999,
            weightDecay: 0,
            epsilon: 1e-8
        );
}
