using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

/// <summary>Figure 5 of arXiv:1512.00567: a 1×1, a reduced 5×5, a reduced pair of 3×3 and a pooled 1×1 convolution.</summary>
internal sealed class InceptionA : Module<Tensor, Tensor>
{
    private readonly InceptionConvolution branch1x1;
    private readonly InceptionConvolution branch5x5_1;
    private readonly InceptionConvolution branch5x5_2 = new(48, 64, 5, padding: 2);
    private readonly InceptionConvolution branch3x3dbl_1;
    private readonly InceptionConvolution branch3x3dbl_2 = new(64, 96, 3, padding: 1);
    private readonly InceptionConvolution branch3x3dbl_3 = new(96, 96, 3, padding: 1);
    private readonly AvgPool2d pool = AvgPool2d(3, stride: 1, padding: 1);
    private readonly InceptionConvolution branch_pool;

    public InceptionA(int inputs, int pooled)
        : base(nameof(InceptionA))
    {
        branch1x1 = new InceptionConvolution(inputs, 64, 1);
        branch5x5_1 = new InceptionConvolution(inputs, 48, 1);
        branch3x3dbl_1 = new InceptionConvolution(inputs, 64, 1);
        branch_pool = new InceptionConvolution(inputs, pooled, 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return cat(
                [
                    branch1x1.call(input),
                    branch5x5_2.call(branch5x5_1.call(input)),
                    branch3x3dbl_3.call(branch3x3dbl_2.call(branch3x3dbl_1.call(input))),
                    branch_pool.call(pool.call(input)),
                ],
                1
            )
            .MoveToOuterDisposeScope();
    }
}

/// <summary>Figure 10: halves the map beside a pooling.</summary>
internal sealed class InceptionB : Module<Tensor, Tensor>
{
    private readonly InceptionConvolution branch3x3;
    private readonly InceptionConvolution branch3x3dbl_1;
    private readonly InceptionConvolution branch3x3dbl_2 = new(64, 96, 3, padding: 1);
    private readonly InceptionConvolution branch3x3dbl_3 = new(96, 96, 3, stride: 2);
    private readonly MaxPool2d pool = MaxPool2d(3, stride: 2);

    public InceptionB(int inputs)
        : base(nameof(InceptionB))
    {
        branch3x3 = new InceptionConvolution(inputs, 384, 3, stride: 2);
        branch3x3dbl_1 = new InceptionConvolution(inputs, 64, 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return cat([branch3x3.call(input), branch3x3dbl_3.call(branch3x3dbl_2.call(branch3x3dbl_1.call(input))), pool.call(input)], 1)
            .MoveToOuterDisposeScope();
    }
}

/// <summary>Figure 6 with n = 7: rows and columns of seven in place of squares.</summary>
internal sealed class InceptionC : Module<Tensor, Tensor>
{
    private readonly InceptionConvolution branch1x1;
    private readonly InceptionConvolution branch7x7_1;
    private readonly InceptionConvolution branch7x7_2;
    private readonly InceptionConvolution branch7x7_3;
    private readonly InceptionConvolution branch7x7dbl_1;
    private readonly InceptionConvolution branch7x7dbl_2;
    private readonly InceptionConvolution branch7x7dbl_3;
    private readonly InceptionConvolution branch7x7dbl_4;
    private readonly InceptionConvolution branch7x7dbl_5;
    private readonly AvgPool2d pool = AvgPool2d(3, stride: 1, padding: 1);
    private readonly InceptionConvolution branch_pool;

    public InceptionC(int inputs, int width)
        : base(nameof(InceptionC))
    {
        branch1x1 = new InceptionConvolution(inputs, 192, 1);
        branch7x7_1 = new InceptionConvolution(inputs, width, 1);
        branch7x7_2 = Row(width, width);
        branch7x7_3 = Column(width, 192);
        branch7x7dbl_1 = new InceptionConvolution(inputs, width, 1);
        branch7x7dbl_2 = Column(width, width);
        branch7x7dbl_3 = Row(width, width);
        branch7x7dbl_4 = Column(width, width);
        branch7x7dbl_5 = Row(width, 192);
        branch_pool = new InceptionConvolution(inputs, 192, 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var twice = branch7x7dbl_3.call(branch7x7dbl_2.call(branch7x7dbl_1.call(input)));
        return cat(
                [
                    branch1x1.call(input),
                    branch7x7_3.call(branch7x7_2.call(branch7x7_1.call(input))),
                    branch7x7dbl_5.call(branch7x7dbl_4.call(twice)),
                    branch_pool.call(pool.call(input)),
                ],
                1
            )
            .MoveToOuterDisposeScope();
    }

    internal static InceptionConvolution Row(int inputs, int outputs) => new(inputs, outputs, (1, 7), stride: 1, (0, 3));

    internal static InceptionConvolution Column(int inputs, int outputs) => new(inputs, outputs, (7, 1), stride: 1, (3, 0));
}

/// <summary>The second halving of the map, with rows and columns of seven before a 3×3.</summary>
internal sealed class InceptionD : Module<Tensor, Tensor>
{
    private readonly InceptionConvolution branch3x3_1;
    private readonly InceptionConvolution branch3x3_2 = new(192, 320, 3, stride: 2);
    private readonly InceptionConvolution branch7x7x3_1;
    private readonly InceptionConvolution branch7x7x3_2 = InceptionC.Row(192, 192);
    private readonly InceptionConvolution branch7x7x3_3 = InceptionC.Column(192, 192);
    private readonly InceptionConvolution branch7x7x3_4 = new(192, 192, 3, stride: 2);
    private readonly MaxPool2d pool = MaxPool2d(3, stride: 2);

    public InceptionD(int inputs)
        : base(nameof(InceptionD))
    {
        branch3x3_1 = new InceptionConvolution(inputs, 192, 1);
        branch7x7x3_1 = new InceptionConvolution(inputs, 192, 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return cat(
                [
                    branch3x3_2.call(branch3x3_1.call(input)),
                    branch7x7x3_4.call(branch7x7x3_3.call(branch7x7x3_2.call(branch7x7x3_1.call(input)))),
                    pool.call(input),
                ],
                1
            )
            .MoveToOuterDisposeScope();
    }
}

/// <summary>Figure 7: rows and columns of three side by side.</summary>
internal sealed class InceptionE : Module<Tensor, Tensor>
{
    private readonly InceptionConvolution branch1x1;
    private readonly InceptionConvolution branch3x3_1;
    private readonly InceptionConvolution branch3x3_2a = Row();
    private readonly InceptionConvolution branch3x3_2b = Column();
    private readonly InceptionConvolution branch3x3dbl_1;
    private readonly InceptionConvolution branch3x3dbl_2 = new(448, 384, 3, padding: 1);
    private readonly InceptionConvolution branch3x3dbl_3a = Row();
    private readonly InceptionConvolution branch3x3dbl_3b = Column();
    private readonly AvgPool2d pool = AvgPool2d(3, stride: 1, padding: 1);
    private readonly InceptionConvolution branch_pool;

    public InceptionE(int inputs)
        : base(nameof(InceptionE))
    {
        branch1x1 = new InceptionConvolution(inputs, 320, 1);
        branch3x3_1 = new InceptionConvolution(inputs, 384, 1);
        branch3x3dbl_1 = new InceptionConvolution(inputs, 448, 1);
        branch_pool = new InceptionConvolution(inputs, 192, 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var once = branch3x3_1.call(input);
        var twice = branch3x3dbl_2.call(branch3x3dbl_1.call(input));
        return cat(
                [
                    branch1x1.call(input),
                    branch3x3_2a.call(once),
                    branch3x3_2b.call(once),
                    branch3x3dbl_3a.call(twice),
                    branch3x3dbl_3b.call(twice),
                    branch_pool.call(pool.call(input)),
                ],
                1
            )
            .MoveToOuterDisposeScope();
    }

    private static InceptionConvolution Row() => new(384, 384, (1, 3), stride: 1, (0, 1));

    private static InceptionConvolution Column() => new(384, 384, (3, 1), stride: 1, (1, 0));
}
