namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Data;

/// <summary>
/// JPEGs of even 8 × 8 blocks, written byte by byte (ITU-T T.81): of colour models and processes that no encoder at hand writes.
/// With a quantisation of 8 the first coefficient of a block is its value less 128, and there is no other.
/// </summary>
internal static class HandmadeJpeg
{
    /// <param name="adobe">Transform of an Adobe segment: 0 none, 1 YCbCr, 2 YCCK; null writes no such segment.</param>
    /// <param name="blocks">From left to right; the stored value of each component.</param>
    public static byte[] Of(byte? adobe, bool progressive, params byte[][] blocks)
    {
        var components = blocks[0].Length;
        List<byte> file = [0xFF, 0xD8];
        if (adobe is { } transform)
            file.AddRange([0xFF, 0xEE, 0, 14, .. "Adobe"u8, 0, 100, 0, 0, 0, 0, transform]);
        file.AddRange([0xFF, 0xDB, 0, 67, 0, .. Enumerable.Repeat((byte)8, 64)]);
        file.AddRange([
            0xFF,
            (byte)(progressive ? 0xC2 : 0xC0),
            0,
            (byte)(8 + (3 * components)),
            8,
            0,
            8,
            (byte)(8 * blocks.Length >> 8),
            (byte)(8 * blocks.Length),
            (byte)components,
        ]);
        for (var component = 0; component < components; component++)
            file.AddRange([(byte)(component + 1), 0x11, 0]);
        // Twelve codes of four bits for the size of a difference; one code of one bit, the end of a block, for all else.
        file.AddRange([0xFF, 0xC4, 0, 31, 0x00, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
        file.AddRange([0xFF, 0xC4, 0, 20, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x00]);
        var last = (byte)(progressive ? 0 : 63);
        file.AddRange([0xFF, 0xDA, 0, (byte)(6 + (2 * components)), (byte)components]);
        for (var component = 0; component < components; component++)
            file.AddRange([(byte)(component + 1), 0x00]);
        file.AddRange([0, last, 0, .. Scan(blocks, withEndOfBlock: !progressive)]);
        // A decoder smooths over coefficients that it does not know: one more scan of each component says that they are zero.
        for (var component = 0; progressive && component < components; component++)
            file.AddRange([0xFF, 0xDA, 0, 8, 1, (byte)(component + 1), 0x00, 1, 63, 0, .. Packed([.. blocks.Select(_ => false)])]);
        return [.. file, 0xFF, 0xD9];
    }

    private static IEnumerable<byte> Scan(byte[][] blocks, bool withEndOfBlock)
    {
        var bits = new List<bool>();
        var before = new int[blocks[0].Length];
        foreach (var block in blocks)
        {
            for (var component = 0; component < block.Length; component++)
            {
                var value = block[component] - 128;
                AddDifference(bits, value - before[component]);
                before[component] = value;
                if (withEndOfBlock)
                    bits.Add(false);
            }
        }

        return Packed(bits);
    }

    private static IEnumerable<byte> Packed(List<bool> bits)
    {
        while (bits.Count % 8 != 0)
            bits.Add(true);
        for (var start = 0; start < bits.Count; start += 8)
        {
            byte value = 0;
            for (var bit = 0; bit < 8; bit++)
                value = (byte)((value << 1) | (bits[start + bit] ? 1 : 0));
            yield return value;
            if (value == 0xFF)
                yield return 0;
        }
    }

    private static void AddDifference(List<bool> bits, int difference)
    {
        var size = 0;
        while (Math.Abs(difference) >> size != 0)
            size++;
        AddBits(bits, size, 4);
        // A negative number is written as its ones' complement.
        AddBits(bits, difference < 0 ? difference + (1 << size) - 1 : difference, size);
    }

    private static void AddBits(List<bool> bits, int value, int count)
    {
        for (var bit = count - 1; bit >= 0; bit--)
            bits.Add(((value >> bit) & 1) == 1);
    }
}
