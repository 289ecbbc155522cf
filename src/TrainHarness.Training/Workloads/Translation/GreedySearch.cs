using TorchSharp;
using TrainHarness.Training.Language.Subwords;
using TrainHarness.Training.Workloads.Translation.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.Translation;

/// <summary>Writes translations by the most probable next subword.</summary>
internal static class GreedySearch
{
    /// <summary>Subwords of a translation at most, its end included: a network that has not learned to end must be stopped.</summary>
    /// <param name="sourceLength">Of the longest source of the batch, with its end.</param>
    public static int Longest(int sourceLength) => (3 * sourceLength / 2) + 10;

    /// <param name="decoding">At the begin of the translations.</param>
    /// <param name="priced">Does a step, whose number and whose translations' number it takes, and counts it.</param>
    /// <returns>The subwords of each, without its end.</returns>
    public static IReadOnlyList<IReadOnlyList<int>> Of(
        Decoding decoding,
        int examples,
        int longest,
        Device device,
        Func<int, int, Func<Tensor>, Tensor> priced
    )
    {
        using var scope = NewDisposeScope();
        var answers = Enumerable.Range(0, examples).Select(_ => new List<int>()).ToList();
        List<int> rows = [.. Enumerable.Range(0, examples)];
        var isDone = new bool[examples];
        using Scalar begin = SubwordModel.Begin;
        var words = full([examples], begin, dtype: ScalarType.Int64, device: device);
        for (var step = 0; step < longest && isDone.Contains(false); step++)
        {
            using var inner = NewDisposeScope();
            var before = words;
            words = priced(step, rows.Count, () => decoding.Next(before)).argmax(-1);
            using var onHost = words.cpu();
            foreach (var (row, word) in rows.Zip(onHost.data<long>()))
            {
                isDone[row] |= word == SubwordModel.End;
                if (!isDone[row])
                    answers[row].Add((int)word);
            }

            // One that does not come to its end would have all others computed on and on. Keeping some copies all that is held of them, so
            // that it is done once for each half.
            List<long> open = [.. rows.Index().Where(place => !isDone[place.Item]).Select(place => (long)place.Index)];
            if (open.Count > 0 && open.Count <= rows.Count / 2)
            {
                var kept = tensor(open).to(device);
                decoding.Keep(kept);
                words = words.index_select(0, kept);
                rows = [.. open.Select(place => rows[(int)place])];
            }

            words.MoveToOuterDisposeScope();
        }

        return answers;
    }
}
