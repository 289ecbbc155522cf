using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace TrainHarness.Training.Pricing;

/// <summary>
/// What one run of a layer took and gave: the tensors in the order of its parameters, and of its answer; those that were left out are not
/// there.
/// </summary>
public sealed record LayerRun(IReadOnlyList<LayerTensor> Inputs, IReadOnlyList<LayerTensor> Outputs)
{
    /// <summary>Shape of the first tensor that it took.</summary>
    public IReadOnlyList<long> Input => Inputs[0].Shape;

    /// <summary>Shape of the first tensor that it gave.</summary>
    public IReadOnlyList<long> Output => Outputs[0].Shape;

    /// <summary>Whether the backward pass needs the gradient of the first tensor that it took.</summary>
    public bool NeedsGradInput => Inputs[0].NeedsGradient;

    /// <param name="arguments">Tensors, tuples of them, and whatever else the module takes.</param>
    internal static LayerRun Of(IEnumerable<object?> arguments, object? answer) =>
        new([.. arguments.SelectMany(Tensors)], [.. Tensors(answer)]);

    /// <summary>
    /// The run that a batch would have made, from one on no examples at all: only the batch can be empty.
    /// A layer without one runs once a step.
    /// </summary>
    internal LayerRun ForBatch(int batch) =>
        new([.. Inputs.Select(tensor => tensor.ForBatch(batch))], [.. Outputs.Select(tensor => tensor.ForBatch(batch))]);

    private static IEnumerable<LayerTensor> Tensors(object? value) =>
        value switch
        {
            Tensor { IsInvalid: false } tensor => [new LayerTensor(tensor.shape, tensor.requires_grad)],
            ITuple tuple => Enumerable.Range(0, tuple.Length).SelectMany(index => Tensors(tuple[index])),
            _ => [],
        };
}

/// <summary>A tensor that went into a layer, or came out of it.</summary>
/// <param name="NeedsGradient">Whether the backward pass needs its gradient.</param>
public sealed record LayerTensor(IReadOnlyList<long> Shape, bool NeedsGradient)
{
    internal LayerTensor ForBatch(int batch) =>
        Shape.Contains(0) ? this with { Shape = [.. Shape.Select(size => size == 0 ? batch : size)] } : this;
}
