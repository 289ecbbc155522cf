using TorchSharp;
using TrainHarness.Protocol;
using TrainHarness.Training.Tests.Engine;
using TrainHarness.Training.Workloads.ImageClassification;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification;

public sealed class TrainingLossTests
{
    private const int Classes = 3;

    private static readonly double[][] Logits =
    [
        [1, 2, 0.5],
        [-1, 0, 3],
        [0.2, 0.1, -0.4],
    ];
    private static readonly int[] Labels = [2, 0, 1];

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 0.1)]
    [InlineData(0.7, 0)]
    [InlineData(0.7, 0.1)]
    public void The_loss_is_the_cross_entropy_of_the_mixed_and_smoothed_label(double share, double smoothing) =>
        Assert.Equal(
            SoftCrossEntropy(Logits, share, smoothing),
            Loss(Stack(Logits), share, Trials.Recipe with { LabelSmoothing = smoothing }),
            5
        );

    [Theory]
    [InlineData(1)]
    [InlineData(0.7)]
    public void Auxiliary_heads_count_with_their_weight(double share)
    {
        double[][] second = [.. Logits.Select(row => row.Select(value => value * value).ToArray())],
            third = [.. Logits.Select(row => row.Reverse().ToArray())];
        var expected =
            SoftCrossEntropy(Logits, share, 0) + (0.3 * (SoftCrossEntropy(second, share, 0) + SoftCrossEntropy(third, share, 0)));
        using var logits = stack([Stack(Logits), Stack(second), Stack(third)]);
        Assert.Equal(expected, Loss(logits, share, Trials.Recipe with { LabelSmoothing = 0, AuxiliaryLossWeight = 0.3 }), 5);
    }

    [Fact]
    public void Auxiliary_heads_without_a_weight_are_an_error() =>
        Assert.Throws<InvalidOperationException>(() => Loss(stack([Stack(Logits), Stack(Logits)]), 1, Trials.Recipe));

    private static double Loss(Tensor logits, double share, Recipe recipe)
    {
        using var scope = NewDisposeScope();
        return TrainingLoss.Of(logits, tensor(Labels, dtype: ScalarType.Int64), share, recipe).ToDouble();
    }

    private static double SoftCrossEntropy(double[][] logits, double share, double smoothing) =>
        logits
            .Select(
                (row, example) =>
                {
                    var target = new double[Classes];
                    target[Labels[example]] += share;
                    target[Labels[Labels.Length - 1 - example]] += 1 - share;
                    var sum = row.Sum(Math.Exp);
                    return -row.Select(
                            (logit, index) => (((1 - smoothing) * target[index]) + (smoothing / Classes)) * (logit - Math.Log(sum))
                        )
                        .Sum();
                }
            )
            .Average();

    private static Tensor Stack(double[][] rows) =>
        tensor(rows.SelectMany(row => row).ToArray(), dtype: ScalarType.Float32).view(rows.Length, Classes);
}
