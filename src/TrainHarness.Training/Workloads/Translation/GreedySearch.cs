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
        var answers = Enumerable.Range(0, examples).Select(_ => new List<int>()).ToList();
        var isDone = new bool[examples];
        using Scalar begin = SubwordModel.Begin;
        var words = full([examples], begin, dtype: ScalarType.Int64, device: device);
        for (var step = 0; step < longest && isDone.Contains(false); step++)
        {
            using var inner = NewDisposeScope();
            var before = words;
            words = priced(step, () => decoding.Next(before)).argmax(-1).MoveToOuterDisposeScope();
            using var onHost = words.cpu();
            var chosen = onHost.data<long>();
            for (var row = 0; row < examples; row++)
            {
                isDone[row] |= chosen[row] == SubwordModel.End;
                if (!isDone[row])
                    answers[row].Add((int)chosen[row]);
            }
        }

        return answers;
    }
}
