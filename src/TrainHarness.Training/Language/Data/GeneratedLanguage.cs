using TrainHarness.Protocol;

namespace TrainHarness.Training.Language.Data;

/// <summary>
/// Two made-up languages with the difficulties of real ones. To translate, a word is looked up, its ending agrees (number and gender for
/// nouns and all that stands with them, number and tense for verbs), adjectives and adverbs change sides, and the verb of a clause inside
/// another goes to its end. The words and the sentences follow from a seed.
/// </summary>
public sealed class GeneratedLanguage
{
    private const int MinWords = 5;
    private const int MaxWords = 25;

    private readonly int seed;
    private readonly Noun[] nouns;
    private readonly Word[] adjectives;
    private readonly Word[] transitive;
    private readonly Word[] intransitive;
    private readonly Word[] reporting;
    private readonly Word[] adverbs;
    private readonly Word[] prepositions;
    private readonly Word[] determiners;
    private readonly Word[] conjunctions;
    private readonly Word that;
    private readonly Word who;

    /// <param name="seed">Decides the 150 words and, with its number, every sentence.</param>
    public GeneratedLanguage(int seed)
    {
        this.seed = seed;
        var (random, taken) = (Seeds.Generator(seed, "lexicon"), new HashSet<string>(StringComparer.Ordinal));
        nouns = [.. Words(60).Select(word => new Noun(word, random.Next(2) == 0))];
        (adjectives, transitive, intransitive, reporting) = (Words(24), Words(24), Words(12), Words(6));
        (adverbs, prepositions, determiners, conjunctions) = (Words(10), Words(6), Words(3), Words(3));
        (that, who) = (Word(), Word());

        Word[] Words(int count) => [.. Enumerable.Range(0, count).Select(_ => Word())];
        Word Word() => new(Stem(random, taken), Stem(random, taken));
    }

    /// <summary>The sentence with this number, and its translation: of five to 25 words each with the full stop, all lower case.</summary>
    public SentencePair Pair(int number)
    {
        var random = Seeds.Generator(seed, "sentence", number);
        while (true)
        {
            var (source, target) = (new List<string>(), new List<string>());
            Sentence(random, source, target);
            if (source.Count is >= MinWords and <= MaxWords && target.Count is >= MinWords and <= MaxWords)
                return new SentencePair(string.Join(' ', source), string.Join(' ', target));
        }
    }

    private void Sentence(Random random, List<string> source, List<string> target)
    {
        Clause(random, depth: 0, isInner: false, source, target);
        if (random.Next(10) == 0)
        {
            var conjunction = Of(conjunctions, random);
            source.Add(conjunction.Source);
            target.Add(conjunction.Target);
            Clause(random, depth: 0, isInner: false, source, target);
        }

        source.Add(".");
        target.Add(".");
    }

    private void Clause(Random random, int depth, bool isInner, List<string> source, List<string> target)
    {
        var isPlural = NounPhrase(random, depth, source, target);
        VerbPhrase(random, depth, isInner, isPlural, source, target);
    }

    /// <returns>Whether it is plural.</returns>
    private bool NounPhrase(Random random, int depth, List<string> source, List<string> target)
    {
        var (noun, isPlural, determiner) = (Of(nouns, random), random.Next(3) == 0, Of(determiners, random));
        var ending = (noun.IsFeminine, isPlural) switch
        {
            (false, false) => "o",
            (true, false) => "a",
            (false, true) => "i",
            (true, true) => "e",
        };
        source.Add(determiner.Source);
        target.Add(determiner.Target + ending);
        // The adjectives of the target stand behind the noun.
        var behind = target.Count;
        target.Add(noun.Word.Target + ending);
        for (var left = Count(random, 4, 2); left > 0; left--)
        {
            var adjective = Of(adjectives, random);
            source.Add(adjective.Source);
            target.Insert(behind + 1, adjective.Target + ending);
        }

        source.Add(noun.Word.Source + (isPlural ? "s" : ""));
        if (depth < 2 && random.Next(8) == 0)
        {
            var preposition = Of(prepositions, random);
            source.Add(preposition.Source);
            target.Add(preposition.Target);
            NounPhrase(random, depth + 1, source, target);
        }

        if (depth < 1 && random.Next(8) == 0)
        {
            source.Add(who.Source);
            target.Add(who.Target + ending);
            VerbPhrase(random, depth + 1, isInner: true, isPlural, source, target);
        }

        return isPlural;
    }

    private void VerbPhrase(Random random, int depth, bool isInner, bool isPlural, List<string> source, List<string> target)
    {
        var kind = random.Next(10);
        var verb = Of(
            kind < 6 ? transitive
                : kind < 8 || depth > 0 ? intransitive
                : reporting,
            random
        );
        var isPast = random.Next(2) == 0;
        var adverb = random.Next(4) == 0 ? Of(adverbs, random) : (Word?)null;
        if (adverb is { } before)
            source.Add(before.Source);
        source.Add(
            verb.Source
                + (
                    isPast ? "ed"
                    : isPlural ? ""
                    : "t"
                )
        );
        List<string> group = [verb.Target + (isPast ? "av" : "i") + (isPlural ? "nt" : "t")];
        if (adverb is { } beside)
            group.Insert(isInner ? 0 : 1, beside.Target);
        // Of an inner clause the verb comes last.
        var place = target.Count;
        if (kind < 6)
            NounPhrase(random, depth + 1, source, target);
        target.InsertRange(isInner ? target.Count : place, group);
        if (kind >= 8 && depth == 0)
        {
            source.Add(that.Source);
            target.Add(that.Target);
            Clause(random, depth + 1, isInner: true, source, target);
        }
    }

    // Of words with ranks r the r-th comes 1 / r as often as the first (Zipf 1949), as in real languages.
    private static T Of<T>(T[] words, Random random) => words[(int)Math.Pow(words.Length + 1, random.NextDouble()) - 1];

    /// <summary>Another one with a chance of one in so many, up to a max.</summary>
    private static int Count(Random random, int oneIn, int max)
    {
        var count = 0;
        while (count < max && random.Next(oneIn) == 0)
            count++;
        return count;
    }

    private static string Stem(Random random, HashSet<string> taken)
    {
        const string Consonants = "bdfgklmnprstvz",
            Vowels = "aeiou";
        while (true)
        {
            var stem = string.Create(5, random, (letters, draws) =>
            {
                for (var place = 0; place < letters.Length; place++)
                    letters[place] = place % 2 == 0 ? Consonants[draws.Next(Consonants.Length)] : Vowels[draws.Next(Vowels.Length)];
            });
            if (taken.Add(stem))
                return stem;
        }
    }

    private readonly record struct Word(string Source, string Target);

    private readonly record struct Noun(Word Word, bool IsFeminine);
}
