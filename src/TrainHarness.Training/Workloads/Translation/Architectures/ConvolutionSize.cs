namespace TrainHarness.Training.Workloads.Translation.Architectures;

/// <summary>One layer of <see cref="ConvS2S"/>.</summary>
/// <param name="Width">Channels that come out behind the gate.</param>
internal readonly record struct ConvolutionSize(int Width, int Kernel);
