using System.Globalization;
using TrainHarness.Protocol;
using TrainHarness.Training.Workloads.LanguageModelling.Data;

namespace TrainHarness.Training.Workloads.LanguageModelling;

/// <summary>What language modelling measures, in the order of evaluations.csv.</summary>
internal static class LanguageMetrics
{
    public const string BitsPerByte = "bitsPerByte";

    /// <param name="pack">Null where only the settings are known, and so not how many units a network chooses among.</param>
    public static IReadOnlyList<Metric> Of(LanguageSettings settings, TextPack? pack)
    {
        // How much is seen before a unit decides how well it can be told.
        var windows = settings.ValidationWindows is { } some ? some.ToString(CultureInfo.InvariantCulture) : "all";
        var seen = string.Create(CultureInfo.InvariantCulture, $"context:{settings.Context}|windows:{windows}");
        double? chance = pack is null ? null : Math.Log(pack.Vocabulary.Count);
        return
        [
            Falling(Metric.LossName, chance, $"nats per {settings.Units.Name}|{seen}"),
            Falling(BitsPerByte, pack is null ? null : BitsOf(chance!.Value, pack), $"bits per byte of UTF-8|{seen}"),
        ];
    }

    /// <summary>Compares where units differ, as those of two vocabularies do.</summary>
    /// <param name="loss">In nats per unit.</param>
    public static double BitsOf(double loss, TextPack pack) => loss / Math.Log(2) / pack.BytesPerUnit;

    private static Metric Falling(string name, double? chance, string signature) =>
        new()
        {
            Name = name,
            Better = Better.Less,
            Unit = MetricUnit.Number,
            Min = 0,
            Chance = chance,
            Signature = signature,
        };
}
