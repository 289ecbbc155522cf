using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

/// <summary>The convolution, batch normalisation and activation that most networks since 2015 are made of.</summary>
internal static class ConvolutionUnit
{
    /// <summary>Keeps the size at stride 1. Checkpoint keys are <c>0</c> for the convolution and <c>1</c> for the normalisation.</summary>
    /// <param name="activation">
    /// Null leaves the values as they are normalised. ReLU works in place; others, whose derivative needs the input, do not: autograd would
    /// copy it first.
    /// </param>
    public static Sequential Of(
        int inputs,
        int outputs,
        int kernel,
        Module<Tensor, Tensor>? activation,
        int stride = 1,
        int groups = 1,
        double epsilon = 1e-5,
        double momentum = 0.1
    )
    {
        List<Module<Tensor, Tensor>> layers =
        [
            Weighted.Conv2d(inputs, outputs, kernel, stride: stride, padding: kernel / 2, groups: groups, bias: false),
            new BatchNormalisation(outputs, epsilon: epsilon, momentum: momentum),
        ];
        if (activation is not null)
            layers.Add(activation);
        return Sequential(layers);
    }
}
