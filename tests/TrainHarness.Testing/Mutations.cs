using System.Globalization;
using System.Text;
using CsCheck;

namespace TrainHarness.Testing;

/// <summary>
/// Files that somebody damaged or forged: bytes changed, cut off, left out, put in or repeated, values replaced by hostile ones.
/// </summary>
internal static class Mutations
{
    /// <summary>Multiplies the tries, for a longer look by hand.</summary>
    private const string More = "TRAINHARNESS_MUTATIONS_TIMES";

    // What may stand where a number, a name, a list or a mapping is expected.
    private static readonly byte[][] Values =
    [
        .. (
            (string[])
                [
                    "NaN",
                    "-1",
                    "-0",
                    "0",
                    "1e999",
                    "-1e999",
                    "1e-320",
                    "99999999999999999999",
                    "340282366920938463463374607431768211455",
                    "2147483648",
                    "null",
                    "~",
                    "true",
                    "\"\"",
                    "''",
                    "\"a\\nb\"",
                    "\"\\e[2J\"",
                    "[]",
                    "{}",
                    "[[[[",
                    "{{{{",
                    "&a 1",
                    "*a",
                    "!!int 1",
                    "<<",
                    "|",
                    "%",
                    "---",
                    "...",
                    "../../x",
                    "/dev/zero",
                    "\0",
                    "\uFFFF",
                    "\u202E",
                ]
        ).Select(Encoding.UTF8.GetBytes),
        [0xFF, 0xFF, 0xFF, 0x7F],
        [0xFF, 0xFF, 0xFF, 0xFF],
        [0x00, 0x00, 0x00, 0x80],
        [0xC3],
    ];

    private static readonly Gen<Func<byte[], byte[]>> Edit = Gen.Select(
        Gen.Int[0, 5],
        Gen.Double.Unit,
        Gen.Double.Unit,
        Gen.Byte,
        Gen.OneOf(Values),
        (kind, place, length, value, word) =>
            new Func<byte[], byte[]>(file => Edited(file, kind, (int)(place * file.Length), length, value, word))
    );

    /// <summary>The file after one to four edits, which leave it another.</summary>
    private static Gen<byte[]> Of(byte[] whole) =>
        Edit.Array[1, 4]
            .Select(edits => edits.Aggregate(whole, (file, edit) => edit(file)))
            .Where(file => !file.AsSpan().SequenceEqual(whole));

    /// <summary>So many of them, each from a seed of its own, which is told where the test fails: the same ones in every run.</summary>
    public static void Sample(byte[] whole, int tries, Action<byte[]> test)
    {
        var files = Of(whole);
        var times = Environment.GetEnvironmentVariable(More) is { } more ? uint.Parse(more, CultureInfo.InvariantCulture) : 1;
        for (var index = 0u; index < tries * times; index++)
            files.Sample(test, seed: new PCG(index, 1).ToString(), iter: 1, threads: 1, print: Shown);
    }

    private static byte[] Edited(byte[] file, int kind, int place, double share, byte value, byte[] word)
    {
        // Short pieces mostly: what a single field takes.
        var length = (int)(Math.Pow(share, 3) * (file.Length - place));
        return kind switch
        {
            0 => [.. file[..place], .. file[place..].Take(1).Select(_ => value), .. file[place..].Skip(1)],
            1 => file[..place],
            2 => [.. file[..place], .. file[(place + length)..]],
            3 => [.. file[..place], .. Enumerable.Repeat(value, Math.Min(length, 64)), .. file[place..]],
            4 => [.. file[..(place + length)], .. file[place..]],
            _ => [.. file[..place], .. word, .. file[place..].SkipWhile(IsOfAWord)],
        };
    }

    private static bool IsOfAWord(byte letter) =>
        char.IsAsciiLetterOrDigit((char)letter) || letter is (byte)'.' or (byte)'-' or (byte)'+' or (byte)'_';

    private static string Shown(byte[] file) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{file.Length} bytes: {Encoding.UTF8.GetString(file.AsSpan(0, Math.Min(file.Length, 4_000)))}"
        );
}
