using static TorchSharp.torch;

namespace TrainHarness.Training.Engine;

/// <summary>
/// What training makes small. Augmentation, mixing, precision, memory format, auxiliary heads and label smoothing are its business.
/// </summary>
public interface IObjective
{
    /// <param name="random">Decides every draw but those of libtorch's own generators (dropout).</param>
    /// <returns>A float32 scalar on the device, in the caller's dispose scope; the mean over the examples.</returns>
    Tensor Loss(IBatch batch, Random random);
}
