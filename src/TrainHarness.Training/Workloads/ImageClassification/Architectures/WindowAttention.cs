using TorchSharp;
using TorchSharp.Modules;
using TrainHarness.Compute;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Pricing;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

/// <summary>
/// Self-attention within windows of 7 × 7 tokens, every second time shifted by half a window, with learnt biases by relative position
/// (arXiv:2103.14030, section 3.2). Maps <c>[N, H, W, C]</c> in and out; sides that windows do not fill are padded.
/// </summary>
internal sealed class WindowAttention : Module<Tensor, Tensor>, IPricedModule
{
    private const long Window = 7;
    private const long Tokens = Window * Window;

    private readonly Linear qkv;
    private readonly Linear proj;
    private readonly Parameter relative_position_bias_table;
    private readonly Tensor relative_position_index;
    private readonly int heads;
    private readonly long shift;

    public WindowAttention(int channels, int heads, bool isShifted)
        : base(nameof(WindowAttention))
    {
        this.heads = heads;
        shift = isShifted ? Window / 2 : 0;
        qkv = Weighted.Linear(channels, 3 * channels);
        proj = Weighted.Linear(channels, channels);
        relative_position_bias_table = Parameter(empty(((2 * Window) - 1) * ((2 * Window) - 1), heads));
        Initialisation.Normal(relative_position_bias_table, 0.02);
        relative_position_index = RelativePositions();
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (height, width) = (input.shape[1], input.shape[2]);
        var padded = functional.pad(input, [0, 0, 0, Filled(width) - width, 0, Filled(height) - height]);
        var (downShift, rightShift) = (ShiftOf(Filled(height)), ShiftOf(Filled(width)));
        var attended = Attend(ToWindows(Rolled(padded, -downShift, -rightShift)), Bias(padded, downShift, rightShift));
        var x = Rolled(FromWindows(attended, padded), downShift, rightShift);
        return x.narrow(1, 0, height).narrow(2, 0, width).contiguous().MoveToOuterDisposeScope();
    }

    public LayerCost Price(string name, LayerRun run) =>
        AttentionProducts.Price(
            name,
            groups: run.Input[0] * (Filled(run.Input[1]) / Window) * (Filled(run.Input[2]) / Window),
            tokens: Tokens,
            width: run.Input[3],
            needsGradients: run.NeedsGradInput || qkv.weight!.requires_grad
        );

    private static long Filled(long side) => (side + Window - 1) / Window * Window;

    // One window has nothing to exchange with.
    private long ShiftOf(long side) => side <= Window ? 0 : shift;

    private static Tensor Rolled(Tensor x, long down, long right) => down == 0 && right == 0 ? x : x.roll([down, right], [1, 2]);

    /// <summary><c>[N, H, W, C]</c> to <c>[N, windows, 49, C]</c>.</summary>
    private static Tensor ToWindows(Tensor x)
    {
        var (batch, rows, columns, channels) = (x.shape[0], x.shape[1] / Window, x.shape[2] / Window, x.shape[3]);
        return x.reshape(batch, rows, Window, columns, Window, channels)
            .permute(0, 1, 3, 2, 4, 5)
            .reshape(batch, rows * columns, Tokens, channels);
    }

    private static Tensor FromWindows(Tensor windows, Tensor like)
    {
        var (batch, height, width, channels) = (like.shape[0], like.shape[1], like.shape[2], like.shape[3]);
        return windows
            .view(batch, height / Window, width / Window, Window, Window, channels)
            .permute(0, 1, 3, 2, 4, 5)
            .reshape(batch, height, width, channels);
    }

    /// <param name="windows"><c>[N, windows, 49, C]</c></param>
    /// <param name="bias"><c>[1 or windows, heads, 49, 49]</c></param>
    private Tensor Attend(Tensor windows, Tensor bias)
    {
        var (batch, count, channels) = (windows.shape[0], windows.shape[1], windows.shape[3]);
        var parts = qkv.call(windows).view(batch, count, Tokens, 3, heads, channels / heads).permute(3, 0, 1, 4, 2, 5).unbind(0);
        // Held, as in DropPath.
        using Scalar scale = Math.Pow((double)channels / heads, -0.5);
        var scores = parts[0].mul(scale).matmul(parts[1].transpose(-2, -1)).Plus(bias);
        return proj.call(scores.softmax(-1).matmul(parts[2]).transpose(2, 3).reshape(batch, count, Tokens, channels));
    }

    private Tensor Bias(Tensor padded, long downShift, long rightShift)
    {
        var bias = relative_position_bias_table
            .index_select(0, relative_position_index)
            .view(Tokens, Tokens, heads)
            .permute(2, 0, 1)
            .unsqueeze(0);
        return downShift == 0 && rightShift == 0 ? bias : bias.Plus(Mask(padded, downShift, rightShift));
    }

    // Tokens that only the roll brought into one window must not see each other: −100 before the softmax.
    private static Tensor Mask(Tensor padded, long downShift, long rightShift)
    {
        var (height, width) = (padded.shape[1], padded.shape[2]);
        var regions = zeros(1, height, width, 1, dtype: padded.dtype, device: padded.device);
        var region = 0;
        foreach (var (top, rows) in Bands(height, downShift))
        {
            foreach (var (left, columns) in Bands(width, rightShift))
            {
                using Scalar number = region++;
                regions.narrow(1, top, rows).narrow(2, left, columns).fill_(number);
            }
        }

        var windows = ToWindows(regions).view(-1, Tokens);
        var differs = windows.unsqueeze(1).ne(windows.unsqueeze(2));
        using Scalar never = -100.0;
        return differs.to_type(padded.dtype).mul(never).unsqueeze(1);
    }

    private static (long Start, long Length)[] Bands(long side, long shift) =>
        shift == 0 ? [(0, side)] : [(0, side - Window), (side - Window, Window - shift), (side - shift, shift)];

    /// <summary>For each pair of tokens of a window, the row of the bias table: int64 <c>[49·49]</c>.</summary>
    private static Tensor RelativePositions()
    {
        var rows = new long[Tokens * Tokens];
        for (var from = 0L; from < Tokens; from++)
        {
            for (var to = 0L; to < Tokens; to++)
            {
                var (down, right) = ((from / Window) - (to / Window) + Window - 1, (from % Window) - (to % Window) + Window - 1);
                rows[(from * Tokens) + to] = (down * ((2 * Window) - 1)) + right;
            }
        }

        return tensor(rows);
    }
}
