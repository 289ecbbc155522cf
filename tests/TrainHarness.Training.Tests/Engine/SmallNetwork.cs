using TorchSharp.Modules;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Tests.Engine;

/// <summary>
/// One residual block with a branch that can be dropped and an auxiliary head beside it: all that a recipe may ask of a network.
/// </summary>
internal sealed class SmallNetwork : Module<Tensor, Tensor>
{
    public static Architecture Architecture { get; } =
        new("small", new DateOnly(2020, 1, 1), "none", 4, HasBatchNormalisation: true, options => new SmallNetwork(options))
        {
            MinimumImageSizeWithHeads = 4,
            HasDropPath = true,
        };

    private readonly Conv2d stem = Conv2d(3, 8, 3, stride: 4, padding: 1, bias: false);
    private readonly BatchNorm2d normalisation = BatchNorm2d(8);
    private readonly Conv2d branch = Conv2d(8, 8, 3, padding: 1);
    private readonly Linear? auxiliary;
    private readonly Linear head;
    private readonly double dropPath;

    private SmallNetwork(NetworkOptions options)
        : base(nameof(SmallNetwork))
    {
        auxiliary = options.AuxiliaryHeads ? Linear(8, options.Classes) : null;
        head = Linear(8, options.Classes);
        dropPath = options.DropPath ?? 0;
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = normalisation.call(stem.call(input)).relu();
        var y = x + Dropped(branch.call(x).relu());
        var answer = head.call(y.mean([2, 3]));
        return (training && auxiliary is not null ? stack([answer, auxiliary.call(x.mean([2, 3]))]) : answer).MoveToOuterDisposeScope();
    }

    private Tensor Dropped(Tensor x) =>
        training && dropPath > 0 ? x * rand(x.shape[0], 1, 1, 1, device: x.device).ge(dropPath).to_type(x.dtype) / (1 - dropPath) : x;
}
