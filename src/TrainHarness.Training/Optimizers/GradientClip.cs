using TorchSharp;
using TorchSharp.Modules;
using TrainHarness.Training.Native;
using static TorchSharp.torch;

namespace TrainHarness.Training.Optimizers;

/// <summary>
/// Keeps the gradient of all parameters together from being longer than a limit (arXiv:1211.5063), without waiting for the device.
/// </summary>
internal static class GradientClip
{
    public static void Apply(IEnumerable<Parameter> parameters, double limit)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        using Scalar epsilon = 1e-6,
            longest = limit,
            one = 1;
        Tensor[] gradients = [.. parameters.Select(parameter => parameter.grad).OfType<Tensor>()];
        var length = ListOperators.Lengths(gradients).norm();
        // As PyTorch does it: a short gradient is multiplied by one.
        ListOperators.Multiply(gradients, length.add_(epsilon, one).reciprocal_().mul_(longest).clamp_max_(one));
    }
}
