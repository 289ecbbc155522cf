using System.Formats.Tar;
using System.Globalization;
using TrainHarness.Files;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Trees;

/// <summary>The members of a tar archive in their order, in one pass. What the library cannot read ends in one line.</summary>
/// <param name="where">Archive that messages name.</param>
internal sealed class TarMembers(string where)
{
    public IEnumerable<TarMember> Of(Func<Stream> open)
    {
        // The library makes room for names and attributes of any length that a member claims.
        MemoryBound.Hold();
        using var blocks = new LastBlock(Guarded(open));
        using var reader = new TarReader(blocks);
        while (Next(reader, blocks) is { } entry)
        {
            // What the whole archive has in common is no member.
            if (entry.EntryType != TarEntryType.GlobalExtendedAttributes)
                yield return Guarded(() => new TarMember(entry, this));
        }
    }

    /// <exception cref="ConfigurationException">What is read is not as an archive is, or takes too much.</exception>
    public T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw Unreadable(e);
        }
        catch (OutOfMemoryException e)
        {
            throw new ConfigurationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{where}: cannot be read: a member of it takes more than {MemoryBound.Hold() >> 20} MiB of memory."
                ),
                e
            );
        }
    }

    public ConfigurationException Refusal(string problem) => new($"{where}: {problem}");

    private TarEntry? Next(TarReader reader, LastBlock blocks) =>
        Guarded(() =>
        {
            try
            {
                return reader.GetNextEntry();
            }
            catch (NotSupportedException e)
            {
                // The library does not say which member it is that it does not know.
                throw new ConfigurationException(
                    $"{where}: member {blocks.MemberName()} cannot be read: {e.Message.ReplaceLineEndings(" ")} Allowed: an archive "
                        + $"without sparse files (tar without -S)",
                    e
                );
            }
        });

    private static bool IsDamage(Exception error) =>
        error
            is IOException
                or InvalidDataException
                or FormatException
                or UnauthorizedAccessException
                or NotSupportedException
                or ArithmeticException
                or ArgumentException
                or InvalidOperationException;

    private ConfigurationException Unreadable(Exception e) => new($"{where}: cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
}
