using TrainHarness.Protocol;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Engine;

/// <summary>A network's answer, in the memory format of a recipe.</summary>
internal static class ForwardPass
{
    /// <param name="examples">float32 [N, 3, H, W].</param>
    /// <returns>float32 logits, in the caller's dispose scope.</returns>
    public static Tensor Of(Module<Tensor, Tensor> network, Tensor examples, Recipe recipe)
    {
        if (recipe.MemoryFormat == MemoryFormat.Contiguous)
            return network.call(examples);
        using var images = ChannelsLast.Of(examples);
        return network.call(images);
    }
}
