namespace TrainHarness.Training.Workloads.ImageClassification.Data.Packs.Validation;

/// <summary>What no header of a pack can say: anybody may have written the file.</summary>
internal static class PackHeaderCheck
{
    private const int LargestSide = 4096;

    /// <summary>What is impossible in a header; null where nothing is.</summary>
    public static string? Problem(DatasetPackHeader header) =>
        header switch
        {
            { Side: <= 0 or > LargestSide } => "its header has an impossible side",
            { TrainCount: <= 0 } or { ValidationCount: <= 0 } => "its header has an impossible count",
            _ when (long)header.TrainCount + header.ValidationCount > Array.MaxLength / sizeof(int) => "its header has an impossible count",
            _ when header.ClassNames.Count == 0 || header.ClassNames.Contains(null!) => "its header names no classes",
            _ when header.Unreadable.Contains(null!) => "its header names no image",
            _ when header.PassedOver?.Any(reason => reason.Value <= 0) == true => "its header has an impossible count",
            _ when header.Remarks?.Contains(null!) == true => "its header has an empty remark",
            _ => null,
        };
}
