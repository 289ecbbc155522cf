namespace TrainHarness.Files;

/// <summary>
/// Bad usage or configuration, found before anything is written. The message is the one line that a user reads; the program exits with 2.
/// </summary>
public sealed class ConfigurationException : Exception
{
    public ConfigurationException(string message)
        : base(OneLine(message)) { }

    public ConfigurationException(string message, Exception inner)
        : base(OneLine(message), inner) { }

    /// <summary>A message of the form <c>file:line:column: what is wrong, what is allowed</c>.</summary>
    public static ConfigurationException At(string file, long line, long column, string message) =>
        new(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{file}:{line}:{column}: {message}"));

    // A file may hold anything, also what would clear a terminal.
    private static string OneLine(string message) =>
        message.Any(char.IsControl)
            ? string.Concat(message.Select(letter => char.IsControl(letter) ? $"\\u{(int)letter:X4}" : letter.ToString()))
            : message;
}
