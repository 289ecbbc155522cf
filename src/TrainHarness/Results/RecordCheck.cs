using System.Globalization;

namespace TrainHarness.Results;

/// <summary>What no trial can have: a record is a file that anybody may have written, and its numbers are divided by each other.</summary>
internal static class RecordCheck
{
    /// <summary>What is impossible in a record; null where nothing is.</summary>
    public static string? Problem(TrialRecord record)
    {
        (string Name, double? Value)[] amounts =
        [
            ("steps", record.Steps), ("examples", record.Examples), ("epochs", record.Epochs), ("joules", record.Joules),
            ("clocks.trainingSeconds", record.Clocks.TrainingSeconds), ("clocks.evaluationSeconds", record.Clocks.EvaluationSeconds),
            ("clocks.startUpSeconds", record.Clocks.StartUpSeconds), ("clocks.dataWaitSeconds", record.Clocks.DataWaitSeconds),
            ("architecture.parameters", record.Architecture.Parameters), ("crossing.first", record.Crossing?.First), ("crossing.sustained", record.Crossing?.Sustained),
            ("crossing.bracketExamples", record.Crossing?.BracketExamples), ("crossing.examples", record.Crossing?.Examples), ("crossing.seconds", record.Crossing?.Seconds),
            ("dataset.classes", record.Dataset.Classes), ("dataset.trainExamples", record.Dataset.TrainExamples), ("dataset.validationExamples", record.Dataset.ValidationExamples),
        ];
        foreach (var (name, value) in amounts)
        {
            if (value is { } amount && !(double.IsFinite(amount) && amount >= 0))
                return string.Create(CultureInfo.InvariantCulture, $"'{name}' is {amount}; allowed: a finite number of at least 0.");
        }

        return record switch
        {
            { Target: { Threshold: { } threshold } } when threshold is not (>= 0 and <= 1) =>
                string.Create(CultureInfo.InvariantCulture, $"'target.threshold' is {threshold}; allowed: 0 to 1."),
            { Outcome: Outcome.Reached, Crossing: null } => "'outcome' is reached and there is no 'crossing'.",
            { Outcome: Outcome.Missed or Outcome.Completed, Crossing: not null } => "there is a 'crossing' and 'outcome' is not reached.",
            _ => null,
        };
    }

    /// <summary>Whether what the record says of its crossing stands in its evaluations.</summary>
    public static string? Problem(TrialRecord record, IReadOnlyList<Evaluation> evaluations)
    {
        if (record.Crossing is not { } crossing)
            return null;
        if (crossing.First >= evaluations.Count || crossing.Sustained >= evaluations.Count)
            return string.Create(CultureInfo.InvariantCulture, $"'crossing' names an evaluation that is not among the {evaluations.Count}.");
        return evaluations[crossing.First].Examples == crossing.Examples && evaluations[crossing.First].Ledger.Training.Equals(crossing.TrainingMacs)
            ? null
            : "'crossing' is not what its evaluation says.";
    }
}
