using System.Text;

namespace TrainHarness.Cli.Terminal;

/// <summary>
/// Standard output or standard error, whose other end may be gone (a closed terminal, a full disk): what cannot be written is dropped, and
/// no work ends by it. Whole lines are wrapped between words where there is a width.
/// </summary>
/// <param name="width">Of the terminal, in columns; null where there is none.</param>
internal sealed class PatientWriter(TextWriter inner, Func<int?> width) : TextWriter
{
    /// <summary>Why something was dropped; null while nothing was.</summary>
    public string? Failure { get; private set; }

    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Try(() => inner.Write(value));

    public override void Write(string? value) => Try(() => inner.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => inner.Write(buffer, index, count));

    public override void WriteLine() => Try(inner.WriteLine);

    /// <summary>Text that is to stay as it is, such as JSON, goes to <see cref="Write(string?)"/>.</summary>
    public override void WriteLine(string? value)
    {
        var text = value ?? "";
        var whole = width() is { } columns ? string.Join('\n', text.Split('\n').SelectMany(line => Words.Wrapped(line, columns))) : text;
        Try(() => inner.WriteLine(whole));
    }

    public override void Flush() => Try(inner.Flush);

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // What the system says of a descriptor that is not open.
            Failure ??= error is UnauthorizedAccessException ? "it is closed" : error.Message;
        }
    }
}
