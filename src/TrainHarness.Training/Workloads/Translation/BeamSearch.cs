using TorchSharp;
using TrainHarness.Training.Language.Subwords;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Workloads.Translation.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.Translation;

/// <summary>
/// Writes translations by several beginnings at once, the most probable ones (beam search; Sutskever et al. 2014, section 3.2). A
/// translation is as good as the mean logarithm of the probabilities of its subwords, its end included; the search of one ends with as
/// many whole translations as it is wide.
/// </summary>
internal static class BeamSearch
{
    /// <summary>Beginnings of each translation.</summary>
    public const int Width = 5;

    /// <summary>What beside the rules of a metric decides what is written.</summary>
    public const string Signature = "beam:5|length:mean";

    /// <param name="decoding">At the begin of the translations, each <see cref="Width"/> times in a row.</param>
    /// <param name="longest">Subwords of a translation at most, its end included.</param>
    /// <param name="priced">Does a step, whose number it takes, and counts it.</param>
    /// <returns>The subwords of each, without its end.</returns>
    public static IReadOnlyList<IReadOnlyList<int>> Of(
        Decoding decoding,
        int examples,
        int longest,
        Device device,
        Func<int, Func<Tensor>, Tensor> priced
    )
    {
        using var scope = NewDisposeScope();
        var searches = Enumerable.Range(0, examples).Select(_ => new Search()).ToList();
        using Scalar begin = SubwordModel.Begin;
        var words = full([examples * Width], begin, dtype: ScalarType.Int64, device: device);
        for (var step = 0; step < longest && searches.Exists(search => !search.IsDone); step++)
        {
            using var inner = NewDisposeScope();
            var before = words;
            var logits = priced(step, () => decoding.Next(before));
            var candidates = Candidates(logits, searches, device);
            for (var example = 0; example < examples; example++)
                searches[example].Take(candidates[example], (int)logits.shape[1]);
            decoding.Keep(Uploaded(searches.SelectMany((search, example) => search.Rows.Select(row => (example * Width) + row)), device));
            words = Uploaded(searches.SelectMany(search => search.Words), device).MoveToOuterDisposeScope();
        }

        return [.. searches.Select(search => search.Best())];
    }

    /// <summary>
    /// For each translation its best continuations, the best first: twice as many as beginnings, since half of them may be ends.
    /// </summary>
    /// <returns>The sum of logarithms, and the place: beginning times vocabulary plus subword.</returns>
    private static (float Score, long Place)[][] Candidates(Tensor logits, List<Search> searches, Device device)
    {
        var scores = tensor([.. searches.SelectMany(search => search.Scores)], dtype: ScalarType.Float32).to(device);
        var sums = nn.functional.log_softmax(logits.to_type(ScalarType.Float32), -1).Plus(scores.unsqueeze(1)).view(searches.Count, -1);
        var (best, places) = sums.topk((int)Math.Min(2 * Width, sums.shape[1]), 1);
        using var bestOnHost = best.cpu();
        using var placesOnHost = places.cpu();
        return [.. bestOnHost.data<float>().Zip(placesOnHost.data<long>()).Chunk((int)best.shape[1])];
    }

    private static Tensor Uploaded(IEnumerable<int> numbers, Device device) =>
        tensor([.. numbers.Select(number => (long)number)]).to(device);

    /// <summary>The search for one translation.</summary>
    private sealed class Search
    {
        private readonly List<(double Score, Part? Last)> whole = [];

        // All beginnings are the same at first: one of them must do.
        private List<(Part? Last, float Score, int Row)> beginnings =
        [
            .. Enumerable.Range(0, Width).Select(row => ((Part?)null, row == 0 ? 0 : float.NegativeInfinity, row)),
        ];

        private int length;

        public bool IsDone => whole.Count >= Width;

        public IEnumerable<float> Scores => beginnings.Select(beginning => beginning.Score);

        /// <summary>Of each beginning, the one that it continues.</summary>
        public IEnumerable<int> Rows => beginnings.Select(beginning => beginning.Row);

        /// <summary>Of each beginning, its last subword.</summary>
        public IEnumerable<int> Words => beginnings.Select(beginning => beginning.Last!.Word);

        public void Take((float Score, long Place)[] candidates, int vocabulary)
        {
            length++;
            var next = new List<(Part?, float, int)>(Width);
            foreach (var (rank, (score, place)) in candidates.Index())
            {
                var (row, word) = ((int)(place / vocabulary), (int)(place % vocabulary));
                var last = beginnings[row].Last;
                if (word != SubwordModel.End)
                    next.Add((new Part(last, word), score, row));
                else if (rank < Width && !IsDone && float.IsFinite(score))
                    whole.Add(((double)score / length, last));
                if (next.Count == Width)
                    break;
            }

            // A vocabulary may be smaller than the search is wide.
            while (next.Count < Width)
                next.Add((new Part(null, SubwordModel.End), float.NegativeInfinity, 0));
            beginnings = next;
        }

        /// <summary>The best whole translation; where there is none, the best beginning.</summary>
        public List<int> Best()
        {
            var last = whole.Count > 0 ? whole.MaxBy(translation => translation.Score).Last : beginnings[0].Last;
            var words = new List<int>();
            for (var part = last; part is not null; part = part.Before)
                words.Add(part.Word);
            words.Reverse();
            return words;
        }
    }

    /// <param name="Before">Null for the first.</param>
    private sealed record Part(Part? Before, int Word);
}
