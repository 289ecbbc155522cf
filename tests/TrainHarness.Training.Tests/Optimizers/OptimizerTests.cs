using TorchSharp;
using TorchSharp.Modules;
using TrainHarness.Protocol;
using TrainHarness.Training.Native;
using TrainHarness.Training.Optimizers;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Optimizers;

public sealed class OptimizerTests
{
    private static readonly double[] Start = [-1.5, -0.25, 0.5, 2];

    // The gradient of the k-th step, the same for the formula and for the tensor.
    private static double Gradient(int step, int index) => Math.Sin((3 * step) + index) * (index + 1);

    [Theory]
    [InlineData(0)]
    [InlineData(0.9)]
    public void RMSprop_follows_its_formula(double momentum)
    {
        var rule = new RmsPropRule
        {
            Decay = 0.9,
            Momentum = momentum,
            Epsilon = 0.0316,
            WeightDecay = 0.01,
        };
        var (square, buffer) = (new double[4], new double[4]);
        Assert.Equal(
            Formula(
                (weight, index, gradient, rate) =>
                {
                    gradient += 0.01 * weight;
                    square[index] = (0.9 * square[index]) + (0.1 * gradient * gradient);
                    buffer[index] = (momentum * buffer[index]) + (gradient / (Math.Sqrt(square[index]) + 0.0316));
                    return weight - (rate * buffer[index]);
                }
            ),
            Trained(rule),
            (expected, actual) => Math.Abs(expected - actual) < 2e-6
        );
    }

    [Fact]
    public void AdamW_follows_its_formula()
    {
        var rule = new AdamWRule
        {
            Beta1 = 0.9,
            Beta2 = 0.999,
            Epsilon = 1e-8,
            WeightDecay = 0.05,
        };
        var (first, second, steps) = (new double[4], new double[4], new int[4]);
        Assert.Equal(
            Formula(
                (weight, index, gradient, rate) =>
                {
                    steps[index]++;
                    first[index] = (0.9 * first[index]) + (0.1 * gradient);
                    second[index] = (0.999 * second[index]) + (0.001 * gradient * gradient);
                    var (mean, square) = (
                        first[index] / (1 - Math.Pow(0.9, steps[index])),
                        second[index] / (1 - Math.Pow(0.999, steps[index]))
                    );
                    return weight - (rate * 0.05 * weight) - (rate * mean / (Math.Sqrt(square) + 1e-8));
                }
            ),
            Trained(rule),
            (expected, actual) => Math.Abs(expected - actual) < 2e-6
        );
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public void Twenty_steps_of_AdamW_end_where_TorchSharp_ends(bool exempt, bool useFused)
    {
        var rule = new AdamWRule
        {
            Beta1 = 0.9,
            Beta2 = 0.999,
            Epsilon = 1e-8,
            WeightDecay = 0.05,
            ExemptOneDimensional = exempt,
        };
        using var scope = NewDisposeScope();
        manual_seed(1);
        Parameter[] ours = [new(randn(4, 3, 3, 3)), new(randn(16)), new(randn(16, 8))];
        Parameter[] theirs = [.. ours.Select(parameter => new Parameter(parameter.detach().clone()))];
        using var optimizer = new DecoupledAdam(ours, rule, useFused);
        using var torchSharp = optim.AdamW(
            Optimizer
                .Groups(rule, theirs)
                .Select(group => new AdamW.ParamGroup
                {
                    Parameters = group.Parameters,
                    Options = new AdamW.Options { weight_decay = group.WeightDecay },
                }),
            beta1: 0.9,
            beta2: 0.999,
            eps: 1e-8
        );
        Assert.Equal(useFused ? NativePath.FusedAdamW : null, optimizer.NativePath);
        Step20(optimizer, ours, torchSharp, theirs);
    }

    [Fact]
    public void Twenty_steps_of_RMSprop_end_where_TorchSharp_ends()
    {
        var rule = new RmsPropRule
        {
            Decay = 0.9,
            Momentum = 0.9,
            Epsilon = 0.01,
            WeightDecay = 0.05,
        };
        using var scope = NewDisposeScope();
        manual_seed(1);
        Parameter[] ours = [new(randn(4, 3, 3, 3)), new(randn(16)), new(randn(16, 8))];
        Parameter[] theirs = [.. ours.Select(parameter => new Parameter(parameter.detach().clone()))];
        using var optimizer = Optimizer.For(rule, ours);
        using var torchSharp = optim.RMSProp(theirs, alpha: 0.9, eps: 0.01, weight_decay: 0.05, momentum: 0.9);
        Step20(optimizer, ours, torchSharp, theirs);
    }

    public static TheoryData<OptimizerRule> Rules =>
        [
            new SgdRule
            {
                Momentum = 0.9,
                Nesterov = false,
                WeightDecay = 0.5,
            },
            new RmsPropRule
            {
                Decay = 0.9,
                Momentum = 0.9,
                Epsilon = 1,
                WeightDecay = 0.5,
            },
            new AdamWRule
            {
                Beta1 = 0.9,
                Beta2 = 0.999,
                Epsilon = 1e-8,
                WeightDecay = 0.5,
            },
        ];

    [Fact]
    public void Layer_scales_and_class_tokens_count_as_one_dimensional_and_positions_do_not()
    {
        using var scope = NewDisposeScope();
        var rule = new AdamWRule
        {
            Beta1 = 0.9,
            Beta2 = 0.999,
            Epsilon = 1e-8,
            WeightDecay = 0.05,
            ExemptOneDimensional = true,
        };
        long[][] shapes =
        [
            [96, 1, 1],
            [1, 1, 768],
            [768],
            [1, 197, 768],
            [64, 3],
            [32, 1, 3, 3],
        ];

        var groups = Optimizer
            .Groups(rule, shapes.Select(shape => nn.Parameter(zeros(shape))))
            .ToDictionary(group => group.WeightDecay, group => group.Parameters.Select(parameter => parameter.shape));

        Assert.Equal(shapes[..3], groups[0]);
        Assert.Equal(shapes[3..], groups[0.05]);
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void Weight_decay_takes_all_parameters_or_leaves_out_those_of_one_dimension(OptimizerRule rule)
    {
        Assert.Equal((true, true), Decays(rule));
        Assert.Equal((false, true), Decays(rule with { ExemptOneDimensional = true }));
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void After_a_reset_the_next_step_is_a_first_step(OptimizerRule rule)
    {
        using Parameter parameter = new(ones(3)),
            other = new(ones(3));
        using var optimizer = Optimizer.For(rule, [parameter]);
        using var fresh = Optimizer.For(rule, [other]);
        parameter.grad = full(3, 100f);
        optimizer.Update(0);
        optimizer.Reset();
        parameter.grad = full(3, 0.5f);
        other.grad = full(3, 0.5f);
        optimizer.Update(0.1);
        fresh.Update(0.1);
        Assert.True(parameter.allclose(other, rtol: 0, atol: 0));
        Assert.False(parameter.allclose(ones(3)));
    }

    [Fact]
    public void A_gradient_that_is_too_long_is_scaled_down_to_the_limit_and_a_shorter_one_is_left_alone()
    {
        using Parameter first = new(zeros(2)),
            second = new(zeros(1, 1));
        (first.grad, second.grad) = (arange(1, 3, dtype: ScalarType.Float32), full(1, 1, 2f));
        // √(1² + 2² + 2²) = 3.
        GradientClip.Apply([first, second], 3.5);
        Assert.Equal([1, 2, 2], Gradients(first, second));
        GradientClip.Apply([first, second], 1.5);
        Assert.Equal([0.5, 1, 1], Gradients(first, second), (expected, actual) => Math.Abs(expected - actual) < 1e-6);
    }

    private static double[] Gradients(params Parameter[] parameters) =>
        [.. parameters.SelectMany(parameter => parameter.grad!.data<float>().Select(value => (double)value))];

    private static (bool OneDimensional, bool TwoDimensional) Decays(OptimizerRule rule)
    {
        using Parameter one = new(ones(3)),
            two = new(ones(2, 2));
        using var optimizer = Optimizer.For(rule, [one, two]);
        (one.grad, two.grad) = (zeros(3), zeros(2, 2));
        optimizer.Update(0.1);
        return (one[0].ToDouble() < 1, two[0, 0].ToDouble() < 1);
    }

    private static double[] Formula(Func<double, int, double, double, double> next)
    {
        double[] weights = [.. Start];
        for (var step = 0; step < 4; step++)
        {
            for (var index = 0; index < weights.Length; index++)
                weights[index] = next(weights[index], index, Gradient(step, index), Rate(step));
        }

        return weights;
    }

    private static double[] Trained(OptimizerRule rule)
    {
        using var parameter = new Parameter(tensor(Start, dtype: ScalarType.Float32));
        using var optimizer = Optimizer.For(rule, [parameter]);
        for (var step = 0; step < 4; step++)
        {
            parameter.grad = tensor(Start.Select((_, index) => (float)Gradient(step, index)).ToArray());
            optimizer.Update(Rate(step));
        }

        return [.. parameter.data<float>().Select(value => (double)value)];
    }

    private static double Rate(int step) => 0.02 * (step + 1);

    private static void Step20(IOptimizer optimizer, Parameter[] ours, optim.Optimizer torchSharp, Parameter[] theirs)
    {
        for (var step = 0; step < 20; step++)
        {
            foreach (var (our, their) in ours.Zip(theirs))
            {
                our.grad = randn(our.shape);
                their.grad = our.grad.clone();
            }

            foreach (var group in torchSharp.ParamGroups)
                group.LearningRate = Rate(step % 4);
            torchSharp.step();
            optimizer.Update(Rate(step % 4));
        }

        Assert.All(ours.Zip(theirs), pair => Assert.InRange((pair.First - pair.Second).abs().max().ToDouble(), 0, 1e-6));
    }
}
