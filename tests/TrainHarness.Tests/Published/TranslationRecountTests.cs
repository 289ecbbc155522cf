using TrainHarness.Compute;
using TrainHarness.Published;

namespace TrainHarness.Tests.Published;

/// <summary>The 61x of seq2seq to the Transformer, counted again three ways.</summary>
public sealed class TranslationRecountTests
{
    private const double Ensemble = 5;

    // Of the Transformer's training, by its authors' word.
    private const double Fifth = 0.20;

    private static readonly string Notes = string.Join('\n', PublishedLedger.Level("seq2seq").Notes);

    private static readonly PublishedRow Transformer = PublishedLedger.Level("seq2seq").Rows[1];

    /// <summary>arXiv:1409.3215, section 3.6: eight GPUs for ten days, which AI and Compute rated at 3.5 TFLOP/s.</summary>
    private static DeviceTime OfSeq2Seq { get; } = new(new FlopRate(3.5e12), Devices: 8, Hours: 240);

    /// <summary>arXiv:1706.03762, section 5.2: eight P100 for twelve hours, which its table 2 rates at 9.5.</summary>
    private static DeviceTime OfTransformer { get; } = new(new FlopRate(9.5e12), Devices: 8, Hours: 12);

    [Fact]
    public void As_printed_the_factor_divides_two_utilizations()
    {
        Assert.Equal(61, Ensemble * Of(OfSeq2Seq, 0.33) / (Fifth * Of(OfTransformer, 1)), 0.5);
        Assert.Contains("The 61x divides a numerator at 33 % utilization", Notes, StringComparison.Ordinal);
    }

    [Fact]
    public void Both_by_time_at_one_utilization_it_is_184()
    {
        Assert.Equal(184, Ensemble * Of(OfSeq2Seq, 0.33) / (Fifth * Of(OfTransformer, 0.33)), 0.5);
        Assert.Contains("Both at 33 % it is 184x", Notes, StringComparison.Ordinal);
        Assert.Contains(Transformer.Flags, flag =>
            flag.Contains("184x by time, 60x counted, 12x without the ensemble", StringComparison.Ordinal)
        );
    }

    // Four LSTM layers of 1000 over 1000 on either side, and 80,000 words; 304 million English and 348 million French words, seven and a
    // half epochs. The Transformer: 22,020,096 for a source token, 38,404,096 for a target token with 32,000 parts, 100,000 steps of 25,000
    // tokens on either side.
    [Fact]
    public void Both_counted_it_is_60_and_12_without_the_ensemble()
    {
        const double LayersPerWord = 4 * 4 * 1000.0 * 2000,
            Vocabulary = 80_000.0 * 1000;
        var seq2seq = 6 * 7.5 * ((304e6 * LayersPerWord) + (348e6 * (LayersPerWord + Vocabulary)));
        var transformer = 6 * 100_000 * 25_000.0 * (22_020_096 + 38_404_096);
        Assert.Equal(2.19e18, seq2seq, 0.01e18);
        Assert.Equal(9.06e17, transformer, 0.01e17);
        Assert.Equal(60, Ensemble * seq2seq / (Fifth * transformer), 0.5);
        Assert.Equal(12.1, seq2seq / (Fifth * transformer), 0.05);
        // What the devices could have done, of which this is a part.
        Assert.Equal(0.09, seq2seq / Of(OfSeq2Seq, 1), 0.005);
        Assert.Contains("it is 60x: 2.19e18 FLOPs for one seq2seq network and 9.06e17", Notes, StringComparison.Ordinal);
    }

    private static double Of(DeviceTime time, double utilization) => (double)time.At(utilization).Count;
}
