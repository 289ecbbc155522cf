namespace TrainHarness.Tests;

/// <summary>Files that somebody damaged or forged: bytes changed, cut off, left out, put in or repeated. The same ones in every run.</summary>
internal static class Mutations
{
    /// <summary>So many of them, with one to four edits each.</summary>
    public static void Sample(byte[] whole, int tries, Action<byte[]> test)
    {
        var random = new Random(1);
        for (var index = 0; index < tries; index++)
        {
            var file = whole;
            for (var edits = random.Next(1, 5); edits > 0; edits--)
                file = Edited(file, random);
            test(file);
        }
    }

    private static byte[] Edited(byte[] file, Random random)
    {
        var place = (int)(random.NextDouble() * file.Length);
        // Short pieces mostly: what a single field takes.
        var length = (int)(Math.Pow(random.NextDouble(), 3) * (file.Length - place));
        var value = (byte)random.Next(256);
        return random.Next(5) switch
        {
            0 => [.. file[..place], .. file[place..].Take(1).Select(_ => value), .. file[place..].Skip(1)],
            1 => file[..place],
            2 => [.. file[..place], .. file[(place + length)..]],
            3 => [.. file[..place], .. Enumerable.Repeat(value, Math.Min(length, 64)), .. file[place..]],
            _ => [.. file[..(place + length)], .. file[place..]],
        };
    }
}
