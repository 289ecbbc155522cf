using System.CommandLine;
using TrainHarness.Cli.Execution;
using TrainHarness.Files;
using TrainHarness.Training.Language.Data;
using TrainHarness.Training.Workloads.Translation.Scoring;

namespace TrainHarness.Cli.Commands;

/// <summary><c>score</c>: the metrics of workloads, for files of anybody.</summary>
internal static class ScoreCommand
{
    public static Command Create()
    {
        var score = new Command("score", "Scores a file of answers as a study would.");
        score.Subcommands.Add(OfBleu());
        return score;
    }

    private static Command OfBleu()
    {
        var hypothesis = Lines("--hypothesis", "Translations, a line each; plain or .gz.");
        var reference = Lines("--reference", "What they should be, line by line; plain or .gz.");
        var tokenize = new Option<string>("--tokenize")
        {
            Description = "How lines become words: 13a for text as people write it, none for text that is tokenised already.",
            HelpName = "13a|none",
            DefaultValueFactory = _ => BleuRules.NameOf(BleuTokenizer.V13a),
        };
        var lowercase = new Option<bool>("--lowercase") { Description = "Compare without regard to case." };
        var json = CommonOptions.Json();
        var command = new Command(
            "bleu",
            "Computes BLEU of a corpus as sacreBLEU does.\n\nExample: trainharness score bleu --hypothesis out.fr --reference test.fr "
                + "--tokenize none"
        )
        {
            hypothesis,
            reference,
            tokenize,
            lowercase,
            json,
        };
        command.SetAction(parsed =>
        {
            var rules = new BleuRules(TokenizerOf(parsed.GetValue(tokenize)!), parsed.GetValue(lowercase));
            var score = Score(parsed.GetValue(hypothesis)!, parsed.GetValue(reference)!, rules);
            if (parsed.GetValue(json))
                CommonOptions.WriteJson(score);
            else
                Console.Out.WriteLine(Worded(score));
            return ExitStatus.Done;
        });
        return command;
    }

    private static Option<string> Lines(string name, string description) =>
        new(name)
        {
            Description = description,
            HelpName = "FILE",
            Required = true,
        };

    private static BleuTokenizer TokenizerOf(string name)
    {
        foreach (var tokenizer in Enum.GetValues<BleuTokenizer>())
        {
            if (BleuRules.NameOf(tokenizer) == name)
                return tokenizer;
        }

        var allowed = string.Join(", ", Enum.GetValues<BleuTokenizer>().Select(BleuRules.NameOf));
        throw new ConfigurationException($"--tokenize: unknown tokenizer '{name}'; allowed: {allowed}.");
    }

    private static BleuScore Score(string hypothesis, string reference, BleuRules rules)
    {
        List<string> translations = [.. TextLines.Read(hypothesis)];
        List<string> references = [.. TextLines.Read(reference)];
        if (references.Count == 0)
            throw new ConfigurationException($"{reference}: the file is empty; allowed: a line for every translation.");
        return translations.Count == references.Count
            ? Bleu.Of(translations, references, rules)
            : throw new ConfigurationException(
                $"{hypothesis} has {translations.Count} lines and {reference} {references.Count}; allowed: as many."
            );
    }

    // The parts as sacreBLEU prints them.
    private static string Worded(BleuScore score)
    {
        var precisions = score.Counts.Zip(score.Totals, (count, total) =>
            FormattableString.Invariant($"{(total == 0 ? 0 : 100.0 * count / total):F1}")
        );
        var lengths = FormattableString.Invariant($"hyp_len = {score.HypothesisLength} ref_len = {score.ReferenceLength}");
        return FormattableString.Invariant(
            $"BLEU|{score.Signature} = {score.Score:F2} {string.Join('/', precisions)} (BP = {score.BrevityPenalty:F3} {lengths})"
        );
    }
}
