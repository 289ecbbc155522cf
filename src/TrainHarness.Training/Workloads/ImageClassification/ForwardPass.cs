using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Native;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.ImageClassification;

/// <summary>A network's answer, in the memory format and the precision of a recipe.</summary>
internal static class ForwardPass
{
    /// <param name="examples">float32 [N, 3, H, W].</param>
    /// <returns>float32 logits, in the caller's dispose scope.</returns>
    public static Tensor Of(Module<Tensor, Tensor> network, Tensor examples, Recipe recipe)
    {
        using var autocast = recipe.Precision == Precision.Bf16 ? new Autocast(examples.device_type) : null;
        using var scope = NewDisposeScope();
        var logits = network.call(recipe.MemoryFormat == MemoryFormat.ChannelsLast ? ChannelsLast.Of(examples) : examples);
        // The loss and all that follows it are float32.
        return (logits.dtype == ScalarType.Float32 ? logits : logits.to_type(ScalarType.Float32)).MoveToOuterDisposeScope();
    }
}
