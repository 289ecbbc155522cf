using TorchSharp;
using TrainHarness.Training.Pricing;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Layers;

/// <summary>
/// Drops a residual branch for some examples of a batch while training, and makes up for it in the others ("Deep networks with stochastic
/// depth", arXiv:1603.09382, as later networks do it, example by example). Draws from the device's generator.
/// </summary>
/// <param name="probability">Of dropping an example's branch.</param>
public sealed class DropPath(double probability) : Module<Tensor, Tensor>(nameof(DropPath)), IUnpricedModule
{
    public override Tensor forward(Tensor input)
    {
        if (!training || probability == 0)
            return input.alias();
        using var scope = NewDisposeScope();
        long[] shape = [input.shape[0], .. Enumerable.Repeat(1L, (int)input.dim() - 1)];
        // Held: TorchSharp does not hold the number of a call, and a garbage collection would free it.
        using Scalar share = 1 - probability;
        var kept = empty(shape, dtype: input.dtype, device: input.device).bernoulli_(1 - probability);
        return input.mul(kept.div_(share)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Probabilities that rise evenly from 0 at the first of <paramref name="blocks"/> to <paramref name="last"/> at the last.
    /// </summary>
    public static double[] Rising(int blocks, double last) => [.. Enumerable.Range(0, blocks).Select(block => last * block / (blocks - 1))];
}
