using System.Globalization;
using TrainHarness.Compute;
using TrainHarness.Protocol;

namespace TrainHarness.GpuCheck.Comparison;

/// <summary>What both sides of a comparison do: one network, one batch, one precision and memory format.</summary>
internal sealed record ComparedWork
{
    /// <summary>As in torchvision.</summary>
    public required string Architecture { get; init; }

    /// <summary>Channels after the first convolution of resnet18; null is its own, 64.</summary>
    public int? Width { get; init; }

    public required int Batch { get; init; }

    /// <summary>Pixels.</summary>
    public required int ImageSize { get; init; }

    public required Precision Precision { get; init; }

    public required MemoryFormat MemoryFormat { get; init; }

    public required int Threads { get; init; }

    /// <summary><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    public required string Device { get; init; }

    /// <summary>Whether each Python is compared with torch.compile, too.</summary>
    public required bool Compile { get; init; }

    public int Classes { get; init; } = 100;

    /// <summary>Updates whose losses are compared before anything is timed.</summary>
    public int CheckedSteps { get; init; } = 5;

    /// <summary>Whether two results are of the same work, so that a later one replaces an earlier one.</summary>
    public string Name =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Architecture}{(Width is { } width ? $" of width {width}" : "")}, batch {Batch}, {ImageSize} px, {Shown(Precision)}, "
                + $"{Shown(MemoryFormat)}, {(Device != "cpu" ? Device : Threads == 1 ? "1 thread" : $"{Threads} threads")}"
        );

    public static string Shown(Precision precision) => precision.ToString().ToLowerInvariant();

    public static string Shown(MemoryFormat format) => format == MemoryFormat.ChannelsLast ? "channels-last" : "contiguous";
}
