using System.Buffers;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Decoding;

/// <summary>
/// Antialiased triangle filter, as Pillow's and torchvision's "bilinear": first rows, then columns, 8 bits between, fixed-point weights.
/// Plain integer sums, so that equal decoded pixels give equal examples on every machine.
/// </summary>
internal static class Resampling
{
    private const int Channels = 3;

    // 8 bits of value, 22 of weight, and one to spare in an int.
    private const int WeightBits = 22;

    /// <summary>Resizes the short side to <paramref name="side"/> and crops the centre; reads only what the crop needs.</summary>
    /// <param name="rgba">height × width × 4 bytes; the fourth is ignored.</param>
    /// <param name="planes">3 × side × side bytes, red plane first.</param>
    public static void ResizeAndCrop(ReadOnlySpan<byte> rgba, int width, int height, int side, Span<byte> planes)
    {
        var shortSide = Math.Min(width, height);
        var columns = Taps.ForCentre(width, (int)((long)side * width / shortSide), side);
        var rows = Taps.ForCentre(height, (int)((long)side * height / shortSide), side);
        var firstRow = rows.Starts[0];
        var rowCount = rows.Starts[^1] + rows.Counts[^1] - firstRow;
        var between = ArrayPool<byte>.Shared.Rent(rowCount * side * Channels);
        FilterRows(rgba.Slice(4 * width * firstRow, 4 * width * rowCount), width, columns, between.AsSpan(0, rowCount * side * Channels));
        FilterColumns(between, firstRow, rows, side, planes);
        ArrayPool<byte>.Shared.Return(between);
    }

    private static void FilterRows(ReadOnlySpan<byte> rgba, int width, Taps columns, Span<byte> between)
    {
        var target = 0;
        for (var row = rgba; row.Length > 0; row = row[(4 * width)..])
        {
            for (var x = 0; x < columns.Starts.Length; x++, target += Channels)
                Weigh(row[(4 * columns.Starts[x])..], 4, columns.WeightsOf(x), between.Slice(target, Channels));
        }
    }

    private static void Weigh(ReadOnlySpan<byte> pixels, int stride, ReadOnlySpan<int> weights, Span<byte> target)
    {
        int red = 1 << (WeightBits - 1),
            green = red,
            blue = red;
        for (int i = 0, p = 0; i < weights.Length; i++, p += stride)
        {
            red += weights[i] * pixels[p];
            green += weights[i] * pixels[p + 1];
            blue += weights[i] * pixels[p + 2];
        }

        target[0] = Clamp(red >> WeightBits);
        target[1] = Clamp(green >> WeightBits);
        target[2] = Clamp(blue >> WeightBits);
    }

    private static void FilterColumns(ReadOnlySpan<byte> between, int firstRow, Taps rows, int side, Span<byte> planes)
    {
        var stride = side * Channels;
        Span<byte> pixel = stackalloc byte[Channels];
        for (var y = 0; y < side; y++)
        {
            var source = between[((rows.Starts[y] - firstRow) * stride)..];
            for (var x = 0; x < side; x++)
            {
                Weigh(source[(x * Channels)..], stride, rows.WeightsOf(y), pixel);
                for (var c = 0; c < Channels; c++)
                    planes[(((c * side) + y) * side) + x] = pixel[c];
            }
        }
    }

    private static byte Clamp(int value) => (byte)Math.Clamp(value, 0, 255);

    /// <summary>Which inputs one output weighs, along one axis.</summary>
    private sealed class Taps
    {
        private readonly int[][] weights;

        private Taps(int count)
        {
            Starts = new int[count];
            Counts = new int[count];
            weights = new int[count][];
        }

        public int[] Starts { get; }

        public int[] Counts { get; }

        /// <summary>
        /// The middle <paramref name="count"/> of <paramref name="output"/> values made from <paramref name="input"/> values.
        /// </summary>
        public static Taps ForCentre(int input, int output, int count)
        {
            var taps = new Taps(count);
            var first = (output - count) / 2;
            var scale = (double)input / output;
            for (var i = 0; i < count; i++)
                taps.Set(i, (first + i + 0.5) * scale, Math.Max(scale, 1), input);
            return taps;
        }

        public ReadOnlySpan<int> WeightsOf(int output) => weights[output];

        private void Set(int output, double centre, double support, int input)
        {
            var start = Math.Max(0, (int)(centre - support + 0.5));
            var end = Math.Min(input, (int)(centre + support + 0.5));
            var triangle = new double[end - start];
            for (var i = 0; i < triangle.Length; i++)
                triangle[i] = Math.Max(0, 1 - Math.Abs((start + i + 0.5 - centre) / support));
            var sum = triangle.Sum();
            Starts[output] = start;
            Counts[output] = triangle.Length;
            weights[output] = Array.ConvertAll(triangle, weight => (int)((weight / sum * (1 << WeightBits)) + 0.5));
        }
    }
}
