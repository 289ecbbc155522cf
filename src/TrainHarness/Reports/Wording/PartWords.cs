using TrainHarness.Protocol;

namespace TrainHarness.Reports.Wording;

/// <summary>What a change belongs to, in words.</summary>
internal static class PartWords
{
    public static string Of(AblationPart part) =>
        part switch
        {
            AblationPart.Architecture => "architecture",
            AblationPart.Recipe => "recipe",
            AblationPart.Data => "data",
            _ => throw new ArgumentOutOfRangeException(nameof(part), part, null),
        };
}
