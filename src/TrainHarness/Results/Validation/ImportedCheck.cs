using System.Globalization;
using System.Text;
using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Results.Validation;

/// <summary>What no file of imported trials can be: anybody may have written it.</summary>
internal static class ImportedCheck
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="ConfigurationException">It is not UTF-8.</exception>
    public static string Text(string file, byte[] bytes)
    {
        var content = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? bytes.AsSpan(Encoding.UTF8.Preamble.Length) : bytes;
        try
        {
            return Strict.GetString(content);
        }
        catch (DecoderFallbackException error)
        {
            throw new ConfigurationException($"{file}: is not UTF-8; allowed: a CSV file in UTF-8.", error);
        }
    }

    /// <exception cref="ConfigurationException">A column is missing, unknown or there twice.</exception>
    public static void RequireHeader(string file, int line, string[] header, IReadOnlyList<string> required, IReadOnlyList<string> known)
    {
        if (header.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
            throw Refused(file, line, $"unknown column '{unknown}'; {NearNames.Allowed(unknown, known)} Columns are separated by commas.");
        if (required.Except(header).FirstOrDefault() is { } missing)
            throw Refused(file, line, $"the column '{missing}' is missing; allowed: {string.Join(", ", known)}.");
        if (header.GroupBy(name => name).FirstOrDefault(name => name.Count() > 1) is { Key: var twice })
            throw Refused(file, line, $"the column '{twice}' stands twice; allowed: once.");
    }

    public static ConfigurationException Refused(string file, int line, string problem, Exception? inner = null)
    {
        var message = string.Create(CultureInfo.InvariantCulture, $"{file}:{line}: {problem}");
        return inner is null ? new ConfigurationException(message) : new ConfigurationException(message, inner);
    }
}
