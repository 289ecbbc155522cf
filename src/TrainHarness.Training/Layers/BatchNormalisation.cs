using TorchSharp;
using TorchSharp.Modules;
using TrainHarness.Training.Native;
using TrainHarness.Training.Native.Libtorch;
using TrainHarness.Training.Pricing;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Layers;

/// <summary>
/// Batch normalisation of images (Ioffe and Szegedy 2015, arXiv:1502.03167) with a learned scale and shift, in PyTorch's form and with its
/// keys. TorchSharp's own never uses cuDNN's kernels; on a GPU this one does.
/// </summary>
public sealed class BatchNormalisation : Module<Tensor, Tensor>, IUnpricedModule
{
    private static readonly Scalar One = 1;

    private readonly double epsilon;

    // Names as in checkpoints.
    private readonly Parameter weight;
    private readonly Parameter bias;
    private readonly Tensor running_mean;
    private readonly Tensor running_var;
    private readonly Tensor num_batches_tracked;

    /// <summary>Share of a batch in the running statistics.</summary>
    public double Momentum { get; set; }

    /// <param name="channels">C of the input [N, C, H, W].</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="momentum">Share of a batch in the running statistics.</param>
    public BatchNormalisation(int channels, double epsilon = 1e-5, double momentum = 0.1)
        : base(nameof(BatchNormalisation))
    {
        this.epsilon = epsilon;
        Momentum = momentum;
        weight = Parameter(ones(channels));
        bias = Parameter(zeros(channels));
        running_mean = zeros(channels);
        running_var = ones(channels);
        num_batches_tracked = zeros([], dtype: ScalarType.Int64);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        if (training)
            CountBatch();
        return input.device_type == DeviceType.CUDA && CudnnBatchNormalisation.IsAvailable
            ? CudnnBatchNormalisation.Apply(input, weight, bias, running_mean, running_var, training, Momentum, epsilon)
            : functional.batch_norm(input, running_mean, running_var, weight, bias, training, Momentum, epsilon);
    }

    private unsafe void CountBatch()
    {
        if (num_batches_tracked.device_type != DeviceType.CPU || num_batches_tracked.dtype != ScalarType.Int64)
        {
            num_batches_tracked.PlusInPlace(One);
            return;
        }

        // An operator for one number costs a hundred times as much, and a network has tens of these.
        LibtorchApi.GetData(num_batches_tracked.Handle, out var count);
        ++*(long*)count;
    }
}
