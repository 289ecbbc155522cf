using static TorchSharp.torch;

namespace TrainHarness.Training.Compute;

/// <summary>Shapes that one run of a layer saw.</summary>
/// <param name="NeedsGradInput">Whether the backward pass needs the gradient of the input.</param>
public sealed record LayerRun(IReadOnlyList<long> Input, IReadOnlyList<long> Output, bool NeedsGradInput)
{
    internal static LayerRun Of(Tensor input, Tensor output) => new(input.shape, output.shape, input.requires_grad);

    /// <summary>The run that a batch would have made, from one on no images at all. A layer whose first dimension is not the batch runs once a step.</summary>
    internal LayerRun ForBatch(int batch) => this with { Input = ForBatch(Input, batch), Output = ForBatch(Output, batch) };

    private static IReadOnlyList<long> ForBatch(IReadOnlyList<long> shape, int batch) => shape is [0, ..] ? [batch, .. shape.Skip(1)] : shape;
}
