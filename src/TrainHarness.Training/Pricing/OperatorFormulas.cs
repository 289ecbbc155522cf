using System.Text.RegularExpressions;
using TrainHarness.Compute;
using TrainHarness.Training.Native.Trace;

namespace TrainHarness.Training.Pricing;

/// <summary>
/// Nominal multiply-adds of libtorch's operators, whoever calls them: what a forward pass and the backward pass that follows from it come
/// to. All others are free, but for those that <see cref="Hides"/> names.
/// </summary>
internal static partial class OperatorFormulas
{
    // Words of names that multiply matrices in one way or another.
    private static readonly HashSet<string> Words =
    [
        "mm",
        "bmm",
        "addmm",
        "baddbmm",
        "addbmm",
        "addmv",
        "mv",
        "dot",
        "vdot",
        "addr",
        "ger",
        "outer",
        "inner",
        "matmul",
        "linear",
        "bilinear",
        "trilinear",
        "conv",
        "conv1d",
        "conv2d",
        "conv3d",
        "convolution",
        "tbc",
        "depthwise2d",
        "depthwise3d",
        "conv2d1d",
        "einsum",
        "tensordot",
        "kron",
        "rnn",
        "lstm",
        "gru",
        "cdist",
        "pdist",
        "cosine",
        "attention",
        "attn",
        "fft",
        "stft",
        "istft",
        "linalg",
        "matrix",
        "cholesky",
        "inverse",
        "pinverse",
        "svd",
        "qr",
        "lu",
        "geqrf",
        "orgqr",
        "ormqr",
        "lstsq",
        "triangular",
        "cov",
        "corrcoef",
        "chain",
        "sspaddmm",
        "hspmm",
        "sparse",
    ];

    private const string WholeAttention = "aten::scaled_dot_product_attention";

    private static readonly string[] Free = ["upsample_", "_upsample_", "_thnn_fused_", "linalg_vector_norm", "linalg_norm"];

    /// <summary>What the operator multiplies; null where it is none that is known to multiply.</summary>
    public static Macs? Price(RecordedOperator run) =>
        Bare(run.Name) switch
        {
            "mm" or "bmm" => Product(run, 0),
            "addmm" or "baddbmm" or "addbmm" or "_addmm_activation" => Product(run, 1),
            "mv" => Macs.Product(run.Shape(0)),
            "addmv" => Macs.Product(run.Shape(1)),
            "dot" or "vdot" => Macs.Product(run.Shape(0)),
            "addr" => Macs.Product([.. run.Shape(1), .. run.Shape(2)]),
            // What the gradient of a product by a vector is.
            "ger" or "outer" => Macs.Product([.. run.Shape(0), .. run.Shape(1)]),
            // Every position of what is larger, by all that one position needs.
            "convolution" or "_convolution" => Convolution(run.Flag(6) ? run.Shape(0) : run.OutputShape(0), run.Shape(1)),
            "convolution_backward" => Convolution(run.Flag(7) ? run.Shape(1) : run.Shape(0), run.Shape(2))
                * run.Flags(10).Take(2).Count(wanted => wanted),
            "scaled_dot_product_attention"
            or "_scaled_dot_product_flash_attention_for_cpu"
            or "_scaled_dot_product_flash_attention"
            or "_scaled_dot_product_efficient_attention"
            or "_scaled_dot_product_cudnn_attention" => Attention(run, 0),
            _ => null,
        };

    /// <summary>The same for an operator of the backward pass.</summary>
    /// <param name="forward">
    /// The operator whose gradient it is, and all around that one; empty where that is not known, or for one of the forward pass.
    /// </param>
    public static Macs? Price(RecordedOperator run, IReadOnlyList<RecordedOperator> forward) =>
        run.Name switch
        {
            // The scores that kernels compute again, and the width that they fill up, are nobody's work.
            "aten::_scaled_dot_product_flash_attention_for_cpu_backward"
            or "aten::_scaled_dot_product_flash_attention_backward"
            or "aten::_scaled_dot_product_efficient_attention_backward"
            or "aten::_scaled_dot_product_cudnn_attention_backward"
            or "aten::_scaled_dot_product_fused_attention_overrideable_backward" => (
                forward.FirstOrDefault(one => one.Name == WholeAttention) is { } whole ? Attention(whole, 0) : Attention(run, 1)
            ) * 2,
            _ => Price(run),
        };

    /// <summary>Whether there may be products in an operator that has no formula and is made of none that has.</summary>
    public static bool Hides(RecordedOperator run) => run.IsOperator && MayMultiply(run.Name);

    /// <summary>Whether an operator of this name, which may have a formula, may multiply matrices.</summary>
    public static bool MayMultiply(string operatorName)
    {
        var name = Bare(operatorName);
        return operatorName.StartsWith("aten::", StringComparison.Ordinal)
            ? !Free.Any(start => name.StartsWith(start, StringComparison.Ordinal)) && name.Split('_').Any(Words.Contains)
            : !IsHarmless(operatorName);
    }

    /// <summary>
    /// Whether an element-by-element product has more elements than either of its factors: every element of one by every element of the
    /// other, which with a sum behind it is a matrix product.
    /// </summary>
    public static bool IsOuterProduct(RecordedOperator run) =>
        Bare(run.Name) is "mul" or "multiply" or "addcmul"
        && (Bare(run.Name) is "addcmul" ? 1 : 0) is var first
        && run.InputCount > first + 1
        && run.IsTensor(first)
        && run.IsTensor(first + 1)
        && Macs.Product(run.OutputShape(0)) is var product
        && product > Elements(run, first)
        && product > Elements(run, first + 1);

    /// <summary>Whether it multiplies element by element.</summary>
    public static bool IsElementwiseProduct(RecordedOperator run) =>
        Bare(run.Name) is "mul" or "multiply" && run.InputCount > 1 && run.IsTensor(0) && run.IsTensor(1);

    /// <summary>Whether it adds up elements of its first tensor.</summary>
    public static bool IsSum(RecordedOperator run) => Bare(run.Name) is "sum" or "mean" && run.InputCount > 0 && run.IsTensor(0);

    /// <summary>
    /// Whether a sum over an element-by-element product is a matrix product: along a dimension that is summed both factors vary, and along
    /// another that is left only one does. A mean of what was scaled, a gate, and a square are none.
    /// </summary>
    public static bool IsContraction(RecordedOperator product, RecordedOperator sum)
    {
        var rank = product.OutputShape(0).Length;
        var summed = sum.InputCount > 2 && sum.IsList(1) && sum.Integers(1) is { Length: > 0 } listed ? listed : null;
        var dimensions = Enumerable
            .Range(0, rank)
            .Select(place =>
                (
                    IsSummed: summed is null || summed.Contains(place) || summed.Contains(place - rank),
                    First: Varies(product, 0, place - rank),
                    Second: Varies(product, 1, place - rank)
                )
            )
            .ToList();
        return dimensions.Exists(one => one.IsSummed && one.First && one.Second)
            && dimensions.Exists(one => !one.IsSummed && one.First != one.Second);
    }

    /// <param name="fromEnd">-1 for the last dimension; what has fewer is repeated along the first ones.</param>
    private static bool Varies(RecordedOperator run, int input, int fromEnd)
    {
        var place = run.Shape(input).Length + fromEnd;
        return place >= 0 && run.Shape(input)[place] > 1 && run.Strides(input)[place] != 0;
    }

    // A dimension that was only repeated holds one element.
    private static Macs Elements(RecordedOperator run, int input) =>
        Macs.Product([.. run.Shape(input).Zip(run.Strides(input), (size, stride) => stride == 0 ? Math.Min(size, 1) : size)]);

    private static Macs Product(RecordedOperator run, int first) => Macs.Product([.. run.Shape(first), run.Shape(first + 1)[^1]]);

    /// <param name="positions">[N, C, …] of what has a product for each element of the weight.</param>
    private static Macs Convolution(long[] positions, long[] weight) => Macs.Product([positions[0], .. positions.AsSpan(2), .. weight]);

    /// <summary>Queries [N, heads, queries, width] by keys, scores by values: two products.</summary>
    private static Macs Attention(RecordedOperator run, int first)
    {
        var (queries, keys, values) = (run.Shape(first), run.Shape(first + 1), run.Shape(first + 2));
        return Macs.Product(queries[0], queries[1], queries[2], keys[2], queries[3] + values[3]);
    }

    // In place, an operator has one more letter.
    private static string Bare(string name) => name.StartsWith("aten::", StringComparison.Ordinal) ? name[6..].TrimEnd('_') : name;

    private static bool IsHarmless(string name) => HarmlessNames().IsMatch(name);

    [GeneratedRegex("^(profiler|prim|inductor)::")]
    private static partial Regex HarmlessNames();
}
