namespace TrainHarness.Training.Workloads.ImageClassification.Data.Packs.Validation;

/// <summary>How a pack in the cache is.</summary>
public enum PackState
{
    /// <summary>Whole, and made from the source as it is now, where that could be compared.</summary>
    Whole,

    /// <summary>Made from another source than the one that is there now, or by another version of the program; it is not used.</summary>
    Outdated,

    /// <summary>Cut off or altered; it is packed again when it is needed.</summary>
    Damaged,
}

/// <summary>What a look at the whole of one pack showed.</summary>
/// <param name="Problem">Null for a whole pack.</param>
/// <param name="Header">Null where it could not be read.</param>
public sealed record PackCheck(string File, PackState State, string? Problem, DatasetPackHeader? Header)
{
    /// <param name="source">To compare with; null where it is not there.</param>
    internal static PackCheck Of(string file, string name, IExampleSource? source, CancellationToken cancellation)
    {
        DatasetPackHeader header;
        try
        {
            using var handle = System.IO.File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            header = PackFormat.ReadHeader(handle);
            PackFormat.ReadLabels(handle, header);
            if (PackFormat.PayloadSha256(handle, header, look: null, progress: null, cancellation) != header.PayloadSha256)
                return new PackCheck(file, PackState.Damaged, "its content is not what its checksum says", header);
        }
        catch (OtherPackVersionException e)
        {
            return new PackCheck(file, PackState.Outdated, e.Message, null);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return new PackCheck(file, PackState.Damaged, e.Message, null);
        }

        return source is not null && PackPlan.Stamp(source, name, header.Subset, header.Side) != header.SourceStamp
            ? new PackCheck(file, PackState.Outdated, "it was made from something else than lies there now", header)
            : new PackCheck(file, PackState.Whole, null, header);
    }
}
