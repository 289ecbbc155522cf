using System.Runtime.InteropServices;
using TorchSharp.Modules;
using TrainHarness.Training.Native;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Native;

public class FusedSgdTests
{
    private static readonly long[][] Shapes =
    [
        [16, 8],
        [16],
        [4, 3, 3, 3],
    ];

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Twenty_steps_equal_those_of_TorchSharps_optimizer(bool nesterov, bool ownGradients)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        Parameter[] reference = [.. Shapes.Select(shape => new Parameter(randn(shape)))];
        Tensor[] parameters = [.. reference.Select(parameter => parameter.detach().clone().requires_grad_())];
        Tensor[] buffers = [.. parameters.Select(parameter => zeros_like(parameter))];
        var fused = new FusedSgd(parameters, buffers);
        using var optimizer = optim.SGD(reference, 0.1, momentum: 0.9, weight_decay: 1e-2, nesterov: nesterov);

        for (var step = 0; step < 20; step++)
        {
            Tensor[] gradients = [.. Shapes.Select(shape => randn(shape))];
            foreach (var (parameter, gradient) in reference.Zip(gradients))
                parameter.grad = gradient.clone();
            optimizer.step();
            foreach (var (parameter, gradient) in parameters.Zip(gradients))
                parameter.grad = gradient;
            if (ownGradients)
                fused.Step(weightDecay: 1e-2, momentum: 0.9, learningRate: 0.1, nesterov, isFirstStep: step == 0);
            else
                FusedSgd.Step(
                    parameters,
                    gradients,
                    buffers,
                    weightDecay: 1e-2,
                    momentum: 0.9,
                    learningRate: 0.1,
                    nesterov,
                    isFirstStep: step == 0
                );
        }

        Assert.All(reference.Zip(parameters), pair => Assert.True((pair.First - pair.Second).abs().max().item<float>() < 1e-6));
    }

    [Fact]
    public void Without_momentum_a_step_is_learning_rate_times_gradient()
    {
        using var scope = NewDisposeScope();
        var parameter = ones(3);

        FusedSgd.Step([parameter], [full(3, 2f)], [], weightDecay: 0, momentum: 0, learningRate: 0.25, nesterov: false, isFirstStep: true);

        Assert.Equal([0.5f, 0.5f, 0.5f], parameter.data<float>().ToArray());
    }

    [Fact]
    public void Steps_leave_no_reference_behind()
    {
        using var scope = NewDisposeScope();
        Tensor parameter = zeros(8),
            gradient = zeros(8),
            buffer = zeros(8);
        long[] Counts() => [.. new[] { parameter, gradient, buffer }.Select(ReferenceCount)];
        var before = Counts();

        for (var step = 0; step < 100; step++)
            Step([parameter], [gradient], [buffer]);

        Assert.Equal(before, Counts());
    }

    [Fact]
    public void Gradients_are_those_of_the_present_step_and_one_that_is_missing_or_of_another_size_is_an_exception()
    {
        using var scope = NewDisposeScope();
        Tensor parameter = ones(3).requires_grad_(),
            other = ones(2).requires_grad_();
        var fused = new FusedSgd([parameter, other], []);
        Assert.Contains("Parameter 0 has no gradient", Assert.Throws<InvalidOperationException>(Step).Message, StringComparison.Ordinal);
        foreach (var gradient in (float[])[2, 4, 8])
        {
            (parameter.grad, other.grad) = (full(3, gradient), full(2, gradient));
            Step();
        }

        Assert.Equal([-13f, -13f, -13f], parameter.data<float>().ToArray());
        other.grad = null;
        Assert.Equal("Parameter 1 has no gradient.", Assert.Throws<InvalidOperationException>(Step).Message);
        other.grad = ones(2);
        parameter.grad = ones(4);
        Assert.Throws<ArgumentException>(Step);
        Assert.Equal([-13f, -13f, -13f], parameter.data<float>().ToArray());

        void Step() => fused.Step(weightDecay: 0, momentum: 0, learningRate: 1, nesterov: false, isFirstStep: false);
    }

    [Fact]
    public void A_gradient_that_was_laid_otherwise_in_memory_is_refused_at_any_step()
    {
        using var scope = NewDisposeScope();
        var parameter = ones(3, 4).requires_grad_();
        var fused = new FusedSgd([parameter], []);
        for (var step = 0; step < 2; step++)
        {
            parameter.grad = ones(3, 4);
            Step();
            parameter.grad = ones(4, 3).t();
            Assert.Throws<ArgumentException>(Step);
        }

        void Step() => fused.Step(weightDecay: 0, momentum: 0, learningRate: 1, nesterov: false, isFirstStep: false);
    }

    [Fact]
    public void Lists_of_different_lengths_are_refused() =>
        Assert.Throws<ArgumentException>(() => Step([zeros(3)], [zeros(3), zeros(3)], [zeros(3)]));

    [Fact]
    public void A_gradient_of_another_shape_is_refused() =>
        Assert.Throws<ArgumentException>(() => Step([zeros(3)], [zeros(4)], [zeros(3)]));

    [Fact]
    public void A_gradient_with_its_elements_in_another_order_is_refused() =>
        Assert.Throws<ArgumentException>(() => Step([zeros(3, 4)], [zeros(4, 3).t()], [zeros(3, 4)]));

    [Fact]
    public void An_error_of_libtorch_is_an_exception() =>
        Assert.Throws<InvalidOperationException>(() =>
            Step([zeros(3, ScalarType.Int64)], [zeros(3, ScalarType.Int64)], [zeros(3, ScalarType.Int64)])
        );

    private static void Step(Tensor[] parameters, Tensor[] gradients, Tensor[] buffers) =>
        FusedSgd.Step(parameters, gradients, buffers, weightDecay: 0, momentum: 0.9, learningRate: 0.1, nesterov: false, isFirstStep: true);

    // A handle points to a pointer to c10::TensorImpl, which starts with its virtual table and its reference counts.
    private static long ReferenceCount(Tensor tensor) => Marshal.ReadInt64(Marshal.ReadIntPtr(tensor.Handle), 8);
}
