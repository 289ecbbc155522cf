using TrainHarness.Protocol;

namespace TrainHarness.Cli.Execution;

/// <summary>How lines call the data of a study before it is open.</summary>
internal static class DataNames
{
    public static string Of(Study study) => study.Settings is ImageSettings images ? images.Dataset.Name : study.Name;
}
