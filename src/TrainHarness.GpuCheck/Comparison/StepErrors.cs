namespace TrainHarness.GpuCheck.Comparison;

/// <summary>How far the first step of a side is from the same step in double precision.</summary>
/// <param name="Loss">Relative.</param>
/// <param name="Gradients">Of all parameters together: the length of the difference over the length.</param>
/// <param name="LargestGradient">The largest difference of one element over the largest element of its parameter.</param>
internal sealed record StepErrors(double Loss, double Gradients, double LargestGradient);
