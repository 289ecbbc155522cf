using System.IO.Compression;
using System.Text;
using TrainHarness.Training.Workloads.ImageClassification.Data.Sources;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Data.Sources;

/// <summary>Pickles are read as data; nothing that they name is looked up or run.</summary>
public sealed class PickleTests
{
    // Made by numpy 1.24 under Python 3.11: labels 3 and 7 as numbers, as an array (protocol 3) or as numpy's own numbers (0 and 4), two
    // images of
    // one colour each, and a name with a letter that is not in Latin-1. The keys of the last are bytes.
    [Theory]
#pragma warning disable format
    [InlineData(
        "H4sIAAAAAAACA+2ZO2rEMBCGi5DmP4mbGD3Wj4VcwM0WKVwtBFlWFoPXKyy5WMg5cqtcKFVG6xACIZDe84HMj/yP5tFO1nuBdjSdGwO8RDZ6BTstZ3/N7WV2+XkZ42Dm2VwRrBnNDK+RrQ708eod/A5ZO9TwBRoh6EhEX+LJV8gajfYRvsbhcGgeJG5H0P89OvtsL72zAW5KgtILeujuuAjiP1+KkKn4OEyStKJnpaa8cpdUkVQJ01Qwoe1NNOSp/mrueXb2MoU4LzaSr/7ucepXg5d7aieVrgROt1I7eCVJp8RKUTqlk9olVZCZxtkoNFpUN0eJU5rUQrWq6seoVJ0C9uuwXmm+4te0tESXAta89wzDbJaBYZjN8s4wzGb5YBhms7wxDLNZFMMwmwVeq6+1g077Dp32HbpAF9qXYXSTObtAnjJtc3SF1hwXJYzN/XSi6xom5J8WGbb8+BkAAA=="
    )] // Protocol 0.
    [InlineData(
        "H4sIAAAAAAACA+3OO07DMBzHcafvmPJ+w8rgKWq5RYnokClLVTmOoZFSt//EGSrBws7KKTgBI9yEi4D7uEV+348UWY5fr8RE3GGM5TLReUnehBoibIZdHbfcbCqtpKYy1Xy5CtSi0MG8ym0mi0Ku+LTQamFKW1TKcmqJ7TJu0u1vaouQWeqoqVqkWpVcm/WAU1fEnjs7od7uZpuZIfmWeER7lvoR7YvQE2HjkfUtHeyOTe1q6TYfirjhNlVDOhoNBnw0GHJLxxGduFdvjn2h0/F4/PDn2nzWbzhL1mtn7mJ2x1gbIVTbMoRQbft5BwAAgNr5AgAAgLr5/gAAAIC6uUcI1TY6n/mWLiK6tHSVxD5j7CnLtZFzXdL1hG7inpuSv2+fwdI8062sgn9D7zfbJyUAAA=="
    )] // Protocol 1.
    [InlineData(
        "H4sIAAAAAAACA+3OPU7DMBjGcTf9DuX7G1aGTpHKMYjokMlLVTmOoZFSp2/iDJVAQkikdGDlFJyAEW7CRcC0vUWe/0+KIjt+4yfnkViftxhjiQhVklNtRE7fr/ttxRt2NRJGUF3qYjqbezLNlDctEhOLLBNzd5wpmercZIU0LjXWX7k6Wu9S02cv1JJjmUZK5q7S/y8utXnNDg6ps/mtifWAuiW5AW0tqBfQdt+v+c4t65W0s5kZmfnMHt3ljj1SDGhv+bqg/YAO7FVX4x7ocDgc3vzaVg+fGToKl5M2Z1eMNRFClS1GCFW27zcAAAConE8AAAComq93AAAAqJprhFBlo+NJt6STgE4NnYW8yxi7ixOlxVTldD6iC96xS+Ln+cOb6Xu6FIX3B69Uni8aJQAA"
    )] // Protocol 2.
    [InlineData(
        "H4sIAAAAAAACA+3NO07DQBDG8bGdpwkQ3uGZNpUlqCioSIeFC1duEFo7BltynHzOuogEEkIKIRfgFFyFS3AMGjB2qDiC51fsrmZH+j9pj6CeUyOiSLh+NIHixelwPDW8UeIbwzSSoUgSMdVvE98bxROZpJ7UoRZbejwofqGZNEOlr7iozlGzUe+ZiqnO0FguDuR07OtoOmqWCs+hL17nWLHR6pmao2SzC6xalnX1nckPkyTW3EW/rVGhvryxLtF2nUr2HAgpsBGoQV7fDLL0lo3tPH1NrRfsBEUwPcXub3DPRucv+ID9f8EDd3FJHaIqY6y0QsZYaX0wxkrrizFWWm+MsdI6Y4yVFg4ljlynSUR3YeTHYuhPcHyDE6eRjcTn87sxju/RFanxA0C9rrFCGQAA"
    )] // Protocol 3.
    [InlineData(
        "H4sIAAAAAAACA+3ZvU7DMBAHcOejaZC6IsEbdIpUJgYmumGRgR0hJzFNJMeNHGeIBBJColDJWw+eglfhJfoYLOAmCwNv4PsNvpN1uv8D3FP4Hp6SwSPMTSRYxkULt7Y/ll3d9Em+VjypO6ErphTrwURtzgRTsAMzGUZsLXTf8MOPX53D9u0VbmBOA+NdQJqmVz/W8FCiIVvGwRhIYGPn6JSbsGCaQRmY2Z3i+Vq2WnW5tvvKyExlMQbvgJIXWHoZjOs96l+T2QbK2Pjd4m/qwz+p20tyQsgEIeSsCiHkrC+EkLO+EULO+kAIOesMIeQs0JCZo/tKcMlqfrhzmJjtnz+TRq6Adckv0oD9HQ8ZAAA="
    )] // Protocol 4.
    [InlineData(
        "H4sIAAAAAAACA+3ZPW7CQBAFYGNwAEGVKkdwZQmu4A4LF+lRtMbryJL/ZOwCCSREQUDajhdOwVVyiRyDhthWbrHvK2ZeMZoLvIP1fX8zOnvY7ksiAplssILt9b2hdAehqATUa1anxdZZ56V0mijLeA01+YjKPA3qKJIlrrBvxv8ni4i0FRORtn6ISFsPItLWjYi0NScibUFZXV/Q7LDaFhJXKLOe4XL+wnvbLKjeDr7vL56NbnhGhcAzl8b0BNVzUTV37jiKE5mJVLZ9hBqJ3+PdKbJPiNr5A2wYMae3GAAA"
    )] // Protocol 5.
#pragma warning restore format
    public void What_numpy_writes_in_any_protocol_is_read(string packed)
    {
        var batch = CifarBatch.Of(CifarVersion.All[0], Unpacked(packed));
        Assert.Equal([3, 7], batch.Labels);
        Assert.Equal(
            [.. Enumerable.Repeat((byte)5, 1024), .. Enumerable.Repeat((byte)105, 1024), .. Enumerable.Repeat((byte)205, 1024)],
            batch.Pixels(0).ToArray()
        );
        Assert.Equal(
            [.. Enumerable.Repeat((byte)250, 1024), .. Enumerable.Repeat((byte)150, 1024), .. Enumerable.Repeat((byte)50, 1024)],
            batch.Pixels(1).ToArray()
        );
        var values = (Dictionary<string, object?>)Pickle.Read(Unpacked(packed))!;
        Assert.Equal(["a\u20ac.png"], (List<object?>)values["filenames"]!);
    }

    [Theory]
    [InlineData("cos\nsystem\n(S'touch /tmp/pwned'\ntR.", "it names os.system, which is not run; allowed: arrays of numpy.")]
    [InlineData("c__builtin__\neval\n(S'1'\ntR.", "it names __builtin__.eval, which is not run; allowed: arrays of numpy.")]
    [InlineData(
        "\u0080\u0004\u008c\u0002os\u008c\u0006system\u0093\u008c\u0002ls\u0085R.",
        "it names os.system, which is not run; allowed: arrays of numpy."
    )]
    [InlineData(
        "cnumpy.core.multiarray\nfromstring\n.",
        "it names numpy.core.multiarray.fromstring, which is not run; allowed: arrays of numpy."
    )]
    [InlineData("cnumpy\nndarray\n(K\u0001tR.", "it makes an array in another way than numpy's.")]
    [InlineData("cnumpy.core.multiarray\n_reconstruct\n(cnumpy\ndtype\ntR.", "it makes something else than an array.")]
    [InlineData("(S'ls'\nios\nsystem\n.", "it has the instruction INST; allowed: those of numbers, text, lists, dictionaries and arrays.")]
    [InlineData("(cnumpy\nndarray\no.", "it has the instruction OBJ; allowed: those of numbers, text, lists, dictionaries and arrays.")]
    [InlineData(
        "cnumpy\nndarray\n)\u0081.",
        "it has the instruction NEWOBJ; allowed: those of numbers, text, lists, dictionaries and arrays."
    )]
    [InlineData("Pname\n.", "it has the instruction PERSID; allowed: those of numbers, text, lists, dictionaries and arrays.")]
    [InlineData("G\0\0\0\0\0\0\0\0.", "it has the instruction BINFLOAT; allowed: those of numbers, text, lists, dictionaries and arrays.")]
    [InlineData(
        "\u0080\u0005\u0097.",
        "it has the instruction NEXT_BUFFER; allowed: those of numbers, text, lists, dictionaries and arrays."
    )]
    [InlineData("\u0082\u0001.", "it has the instruction EXT1; allowed: those of numbers, text, lists, dictionaries and arrays.")]
    [InlineData("\u0080\u0006N.", "it is a pickle of a protocol after 5.")]
    [InlineData("x", "it is no pickle: byte 0 is no instruction of one.")]
    [InlineData("K", "it is cut off.")]
    [InlineData("", "it is cut off.")]
    [InlineData(".", "it is no pickle: a value is missing.")]
    [InlineData("(.", "it is no pickle: a value is missing.")]
    [InlineData("t.", "it is no pickle: a mark is missing.")]
    [InlineData("h\u0007.", "it refers to what was not there before.")]
    [InlineData("NNR.", "it has something else where a tuple must be.")]
    [InlineData("N)R.", "it has something else where a name must be.")]
    [InlineData("N)b.", "it sets the state of what has none.")]
    [InlineData("}K\u0001Ns.", "it has something else where text must be.")]
    [InlineData("I7x\n.", "it has something else where a number must be.")]
    [InlineData("S7\n.", "it has a string without quotation marks.")]
    [InlineData("S'\\xg0'\n.", "it has a letter whose number is not one.")]
    [InlineData("\u008a\u0009000000000.", "it holds a number of more than 64 bits.")]
    [InlineData("cnumpy\ndtype\n(S'f8'\ntR.", "it has an array of another type; allowed: integers.")]
    [InlineData("cnumpy\ndtype\n(S'O8'\ntR.", "it has an array of another type; allowed: integers.")]
    public void What_is_more_than_data_or_is_damaged_is_refused_by_its_name(string pickle, string expected) =>
        Assert.Equal(expected, Assert.Throws<InvalidDataException>(() => Pickle.Read(Encoding.Latin1.GetBytes(pickle))).Message);

    [Fact]
    public void An_array_whose_shape_is_not_its_content_or_is_impossible_is_refused()
    {
        Assert.Equal("it has an array of 3072 bytes whose shape takes 6144.", Refused(HandmadeCifar.Array(2, new byte[3072])));
        const string start = "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\ntR(",
            type = "cnumpy\ndtype\n(S'u1'\ntR",
            end = "I00\nS'a'\ntb.";
        var sides = string.Concat(Enumerable.Repeat("J\u00ff\u00ff\u00ff\u007f", 8));
        Assert.Equal("it has an array of an impossible shape.", Refused(Encoding.Latin1.GetBytes($"{start}({sides}t{type}{end}")));
        Assert.Equal(
            "it has an array of an impossible shape.",
            Refused(Encoding.Latin1.GetBytes($"{start}(J\u00ff\u00ff\u00ff\u00fft{type}{end}"))
        );
        Assert.Equal(
            "it has an array of an impossible shape.",
            Refused(Encoding.Latin1.GetBytes($"{start}({new string('N', 9)}t{type}{end}"))
        );
        Assert.Equal(
            "it has an array that is not stored row by row.",
            Refused(Encoding.Latin1.GetBytes($"{start}(K\u0001t{type}I01\nS'a'\ntb."))
        );
    }

    [Fact]
    public void A_pickle_that_would_take_all_time_or_memory_is_refused()
    {
        var endless = new byte[5_000_000];
        endless.AsSpan().Fill((byte)']');
        Assert.Equal("it holds more than 4000000 instructions.", Refused(endless));

        // Text of a megabyte, which a thousand times becomes bytes.
        byte[] text = [.. "X"u8, .. BitConverter.GetBytes(1_000_000), .. Enumerable.Repeat((byte)'a', 1_000_000), .. "q\0"u8];
        var again = Encoding.Latin1.GetBytes("c_codecs\nencode\nh\0X\u0006\0\0\0latin1\u0086R");
        Assert.Equal(
            "it uses the same bytes again and " + "again.",
            Refused([.. text, .. Enumerable.Repeat(again, 1_000).SelectMany(part => part), (byte)'.'])
        );
    }

    [Fact]
    public void A_pickle_that_was_tampered_with_is_read_or_refused()
    {
        string[] parts = ["label_names", "data"];
        var whole = HandmadeCifar.Dictionary(
            (HandmadeCifar.Text(parts[0]), HandmadeCifar.Texts(HandmadeCifar.Ten)),
            (HandmadeCifar.Text(parts[1]), HandmadeCifar.Array(1, new byte[3072]))
        );
        Assert.Equal(parts, ((Dictionary<string, object?>)Pickle.Read(whole)!).Keys);
        var refused = 0;
        Mutations.Sample(whole, 5_000, bytes =>
        {
            try
            {
                Pickle.Read(bytes);
            }
            catch (InvalidDataException error)
            {
                Assert.DoesNotContain('\n', error.Message);
                refused++;
            }
        });
        Assert.InRange(refused, 100, 4_999);
    }

    private static string Refused(byte[] pickle) => Assert.Throws<InvalidDataException>(() => Pickle.Read(pickle)).Message;

    private static byte[] Unpacked(string packed)
    {
        using var from = new GZipStream(new MemoryStream(Convert.FromBase64String(packed)), CompressionMode.Decompress);
        using var to = new MemoryStream();
        from.CopyTo(to);
        return to.ToArray();
    }
}
