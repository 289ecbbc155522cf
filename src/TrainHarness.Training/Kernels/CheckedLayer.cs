using System.Globalization;

namespace TrainHarness.Training.Kernels;

/// <summary>A convolution or a linear layer with one shape of input.</summary>
internal sealed record CheckedLayer
{
    /// <summary>Its path in the network; of the first, where several layers are alike.</summary>
    public required string Name { get; init; }

    /// <summary>Of the input: [N, C, H, W], or [N, …, features] of a linear layer.</summary>
    public required IReadOnlyList<long> Input { get; init; }

    /// <summary>[out, in / groups, kernel height, kernel width], or [out, in] of a linear layer.</summary>
    public required IReadOnlyList<long> Weight { get; init; }

    public required bool HasBias { get; init; }

    public required IReadOnlyList<long> Stride { get; init; }

    public required IReadOnlyList<long> Padding { get; init; }

    public required IReadOnlyList<long> Dilation { get; init; }

    public required long Groups { get; init; }

    /// <summary>Whether its weights are trained on this batch.</summary>
    public required bool IsTrained { get; init; }

    /// <summary>Whether the gradient of its input is computed, which that of the first layer is not.</summary>
    public required bool NeedsGradInput { get; init; }

    public bool IsConvolution => Weight.Count == 4;

    /// <summary>Layers of one shape compute by the same kernels, wherever they are.</summary>
    public string Shape =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{List(Input)} by {List(Weight)}{(HasBias ? "+b" : "")} /{List(Stride)} p{List(Padding)} d{List(Dilation)} g{Groups} "
                + $"{(IsTrained ? NeedsGradInput ? "both" : "weight" : "forward")}"
        );

    private static string List(IReadOnlyList<long> numbers) => string.Join('x', numbers);
}
