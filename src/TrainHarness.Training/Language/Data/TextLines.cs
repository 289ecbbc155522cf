using System.Text;
using ICSharpCode.SharpZipLib;
using ICSharpCode.SharpZipLib.GZip;
using TrainHarness.Files;

namespace TrainHarness.Training.Language.Data;

/// <summary>The lines of a text file, plain or .gz, read strictly: what is no UTF-8, or no text, is an error that names the line.</summary>
public static class TextLines
{
    /// <summary>Bytes of a line. The longest sentence of any corpus is far shorter; a file without line ends is no corpus.</summary>
    public const int LongestLine = 32_768;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// Without their line ends; those of Windows are taken too. A last line without an end is one, an empty file has none.
    /// </summary>
    /// <exception cref="ConfigurationException">The file is missing, cannot be read, or a line of it is no text.</exception>
    public static IEnumerable<string> Read(string file)
    {
        using var stream = Open(file);
        var (buffer, line, number) = (new byte[1 << 16], new List<byte>(256), 1);
        for (var read = Next(file, stream, buffer); read > 0; read = Next(file, stream, buffer))
        {
            var first = 0;
            for (
                var end = Array.IndexOf(buffer, (byte)'\n', first, read);
                end >= 0;
                end = Array.IndexOf(buffer, (byte)'\n', first, read - first)
            )
            {
                line.AddRange(buffer.AsSpan(first, end - first));
                yield return Text(file, line, number++);
                line.Clear();
                first = end + 1;
            }

            line.AddRange(buffer.AsSpan(first, read - first));
            RequireLength(file, line, number);
        }

        if (line.Count > 0)
            yield return Text(file, line, number);
    }

    private static Stream Open(string file)
    {
        if (!PlainFile.Exists(file))
            throw new ConfigurationException($"{file}: no such file.");
        try
        {
            var stream = File.OpenRead(file);
            // Not .NET's own, which takes the end of a file for that of what is packed in it, and reads no checksum.
            return file.EndsWith(".gz", StringComparison.Ordinal) ? new GZipInputStream(stream) : stream;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{file}: cannot be read ({error.Message}).", error);
        }
    }

    private static int Next(string file, Stream stream, byte[] buffer)
    {
        try
        {
            return stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        }
        catch (Exception error) when (error is IOException or SharpZipBaseException)
        {
            throw new ConfigurationException($"{file}: cannot be read ({error.Message}).", error);
        }
    }

    private static void RequireLength(string file, List<byte> line, int number)
    {
        if (line.Count > LongestLine)
            throw ConfigurationException.At(file, number, 1, $"the line is longer than a sentence; allowed: at most {LongestLine} bytes.");
    }

    private static string Text(string file, List<byte> line, int number)
    {
        RequireLength(file, line, number);
        ReadOnlySpan<byte> bytes = line.ToArray();
        if (number == 1 && bytes.StartsWith(Encoding.UTF8.Preamble))
            bytes = bytes[Encoding.UTF8.Preamble.Length..];
        if (bytes.EndsWith("\r"u8))
            bytes = bytes[..^1];
        try
        {
            var text = Strict.GetString(bytes);
            var control = text.AsSpan().IndexOfAnyInRange('\0', '\b');
            return control < 0
                ? text
                : throw ConfigurationException.At(file, number, control + 1, "the line holds a control character; allowed: text.");
        }
        catch (DecoderFallbackException error)
        {
            throw ConfigurationException.At(file, number, error.Index + 1, "the line is not UTF-8; allowed: text in UTF-8.");
        }
    }
}
