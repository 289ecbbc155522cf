using System.Globalization;
using TrainHarness.Protocol;
using TrainHarness.Protocol.Validation;

namespace TrainHarness.Results.Validation;

/// <summary>Why a trial is none of a study: it lies in the study's folder and was measured otherwise.</summary>
internal static class StudyFit
{
    /// <summary>Null where it is one.</summary>
    /// <param name="fingerprint">Of the trial's entry, as the study has it now.</param>
    public static string? Problem(TrialRecord record, Study study, string fingerprint) =>
        !record.Metric.Fits(study.Target.Metric)
            ? $"measured by {Described(record.Metric)}, and not by {Described(study.Target.Metric)} as the study has it now: the two "
                + $"do not compare"
        : record.ConfigurationSha256 != fingerprint ? "measured under other rules than the study has now"
        : null;

    /// <summary>Null where both are of one protocol.</summary>
    /// <param name="measured">By which the trials were.</param>
    public static string? ProtocolProblem(int measured, Study study) =>
        measured == study.Protocol
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"measured by protocol {measured}, and the study by protocol {study.Protocol}, which do not compare;"
            ) + " give the study another name (`trainharness report` goes on reporting a folder of one protocol), or remove that folder.";

    private static string Described(Metric metric)
    {
        var chance = metric.Chance is { } known ? string.Create(CultureInfo.InvariantCulture, $", chance {known:0.####}") : "";
        var signature = metric.Signature is { } text ? $", {text}" : "";
        return $"{metric.Name} ({(metric.Better == Better.More ? "more" : "less")} is better, "
            + $"{MetricCheck.Allowed(metric)}{chance}{signature})";
    }
}
