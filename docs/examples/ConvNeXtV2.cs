using TorchSharp;
using TorchSharp.Modules;
using TrainHarness.Training.Sources;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

/// <summary>
/// ConvNeXt V2-Atto ("ConvNeXt V2: Co-designing and Scaling ConvNets with Masked Autoencoders", arXiv:2301.00808, CVPR 2023), with its
/// global response normalisation. 3.7 M parameters and 0.55 G by the paper, which calls a multiply-add one FLOP.
/// </summary>
[Published("2023-01-02", "arXiv:2301.00808")]
public sealed class ConvNeXtV2 : Module<Tensor, Tensor>
{
    private static readonly int[] Depths = [2, 2, 6, 2];
    private static readonly int[] Widths = [40, 80, 160, 320];

    private readonly Sequential stages;
    private readonly LayerNorm norm;
    private readonly Linear head;

    public ConvNeXtV2(int classes)
        : base(nameof(ConvNeXtV2))
    {
        List<(string, Module<Tensor, Tensor>)> parts =
        [
            ("stem", Conv2d(3, Widths[0], 4, stride: 4)),
            ("stem_norm", new ChannelNorm(Widths[0])),
        ];
        foreach (var (stage, depth) in Depths.Index())
        {
            if (stage > 0)
            {
                parts.Add(($"{stage}_norm", new ChannelNorm(Widths[stage - 1])));
                parts.Add(($"{stage}_down", Conv2d(Widths[stage - 1], Widths[stage], 2, stride: 2)));
            }

            for (var block = 0; block < depth; block++)
                parts.Add(($"{stage}_{block}", new Block(Widths[stage])));
        }

        stages = Sequential(parts);
        norm = LayerNorm(Widths[^1], eps: 1e-6);
        head = Linear(Widths[^1], classes);
        RegisterComponents();
        foreach (var (name, parameter) in named_parameters())
        {
            if (parameter.dim() > 1 && name.EndsWith("weight", StringComparison.Ordinal))
                init.trunc_normal_(parameter, std: 0.02);
            else if (name.EndsWith("bias", StringComparison.Ordinal))
                init.zeros_(parameter);
        }
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return head.call(norm.call(stages.call(input).mean([2, 3]))).MoveToOuterDisposeScope();
    }

    /// <summary>Layer normalisation over the channels of [N, C, H, W].</summary>
    private sealed class ChannelNorm : Module<Tensor, Tensor>
    {
        private readonly LayerNorm norm;

        public ChannelNorm(int channels)
            : base(nameof(ChannelNorm))
        {
            norm = LayerNorm(channels, eps: 1e-6);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => norm.call(input.permute(0, 2, 3, 1)).permute(0, 3, 1, 2);
    }

    private sealed class Block : Module<Tensor, Tensor>
    {
        private readonly Conv2d dwconv;
        private readonly LayerNorm norm;
        private readonly Linear pwconv1;
        private readonly GELU act = GELU();
        private readonly ResponseNorm grn;
        private readonly Linear pwconv2;

        public Block(int width)
            : base(nameof(Block))
        {
            dwconv = Conv2d(width, width, 7, padding: 3, groups: width);
            norm = LayerNorm(width, eps: 1e-6);
            pwconv1 = Linear(width, 4 * width);
            grn = new ResponseNorm(4 * width);
            pwconv2 = Linear(4 * width, width);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var x = norm.call(dwconv.call(input).permute(0, 2, 3, 1));
            x = pwconv2.call(grn.call(act.call(pwconv1.call(x))));
            return (input + x.permute(0, 3, 1, 2)).MoveToOuterDisposeScope();
        }
    }

    /// <summary>Global response normalisation of [N, H, W, C] (section 3.2 of the paper).</summary>
    private sealed class ResponseNorm : Module<Tensor, Tensor>
    {
        private readonly Parameter gamma;
        private readonly Parameter beta;

        public ResponseNorm(int channels)
            : base(nameof(ResponseNorm))
        {
            gamma = Parameter(zeros(channels));
            beta = Parameter(zeros(channels));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var length = input.square().sum([1, 2], keepdim: true).add(1e-12).sqrt();
            var share = length / (length.mean([-1], keepdim: true) + 1e-6);
            return ((gamma * (input * share)) + beta + input).MoveToOuterDisposeScope();
        }
    }
}
