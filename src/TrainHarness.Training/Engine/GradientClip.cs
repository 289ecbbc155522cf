using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TrainHarness.Training.Engine;

/// <summary>Keeps the gradient of all parameters together from being longer than a limit (arXiv:1211.5063), without waiting for the device.</summary>
internal static class GradientClip
{
    public static void Apply(IEnumerable<Parameter> parameters, double limit)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        List<Tensor> gradients = [.. parameters.Select(parameter => parameter.grad).OfType<Tensor>()];
        var length = stack(gradients.Select(gradient => gradient.norm())).norm();
        // As PyTorch does it: a short gradient is multiplied by one.
        var scale = length.add(1e-6).reciprocal().mul(limit).clamp_max(1);
        foreach (var gradient in gradients)
            gradient.mul_(scale);
    }
}
