namespace TrainHarness.Compute;

/// <summary>Number format of the training arithmetic.</summary>
public enum Precision
{
    Fp32,

    /// <summary>Float32 whose products of matrices and convolutions NVIDIA GPUs round to 10 bits of mantissa.</summary>
    Tf32,

    /// <summary>
    /// The forward pass in bfloat16 where that is safe, by libtorch's autocast; weights, gradients of weights, loss and optimizer in
    /// float32.
    /// </summary>
    Bf16,
}
