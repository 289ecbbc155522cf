using System.Globalization;
using TrainHarness.Files;

namespace TrainHarness.Protocol.Validation;

/// <summary>Refuses a target that blind guessing reaches, before anything is spent on it.</summary>
internal static class TargetCheck
{
    /// <param name="place">File, line and column, or the study's name.</param>
    /// <exception cref="ConfigurationException">Factors at this target would mean nothing.</exception>
    public static void RequireMeaning(string place, Target target)
    {
        if (target.Metric is not { Chance: { } chance } metric)
            return;
        var guessing = chance.ToString("0.####", CultureInfo.InvariantCulture);
        if (metric.BestPossible is { } best && !metric.IsBetter(best, chance))
        {
            throw new ConfigurationException(
                $"{place}: {metric.Name} means nothing here: blind guessing has {guessing}, the best there is; allowed: a metric that "
                    + $"it does not reach."
            );
        }

        if (target.FromBaseline || target.Threshold is not { } level || metric.IsBetter(level, chance))
            return;
        var direction = metric.Better == Better.More ? "more" : "less";
        throw new ConfigurationException(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{place}: {level} is no better than chance: blind guessing has a {metric.Name} of {guessing}; allowed: {direction} "
                    + $"than that."
            )
        );
    }
}
