using System.Security.Cryptography;
using System.Text;
using CsCheck;
using TrainHarness.Compute;
using TrainHarness.Results;
using TrainHarness.Training.Checkpoints;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Checkpoints;

public class CheckpointFileTests
{
    private static readonly Gen<CheckpointOrigin> Origin = Gen.Select(
        Gen.String,
        Gen.String,
        Gen.Nullable(Gen.Double[0, 1]),
        Gen.Null(Gen.String),
        (trial, hash, threshold, device) => new CheckpointOrigin(trial, hash, hash, threshold, "cpu", device, "2.10.0")
    );

    private static readonly Gen<(double? Joules, string? Meter)> Energy = Gen.Select(
        Gen.Nullable(DrawnEvaluations.Duration),
        Gen.Null(Gen.String)
    );

    private static readonly Gen<CheckpointHeader> Header = Gen.Select(
        Origin,
        Gen.Long[6_000, long.MaxValue],
        DrawnEvaluations.Ledger,
        Gen.Double[-1e300, 1e300],
        DrawnEvaluations.Curve,
        DrawnEvaluations.Duration,
        Gen.DateTimeOffset,
        Energy,
        (origin, step, ledger, loss, evaluations, seconds, started, energy) =>
            new CheckpointHeader
            {
                Origin = origin,
                Step = step,
                Examples = long.MaxValue,
                Ledger = DrawnEvaluations.After(evaluations, ledger),
                LatestLoss = loss,
                Evaluations = evaluations,
                EvaluationEnds = energy.Meter is null ? null : [.. evaluations.Select(_ => (double?)(seconds / 3))],
                TrainingSeconds = seconds + (evaluations is [.., var last] ? last.Seconds : 0),
                EvaluationSeconds = seconds / 3,
                DataWaitSeconds = seconds / 5,
                Joules = energy.Joules,
                EnergyMeter = energy.Meter,
                Seconds = seconds * 2,
                SuspendedSeconds = energy.Joules is null ? null : seconds / 7,
                Started = started,
            }
    );

    private static readonly Gen<(ScalarType Type, long[] Shape)> Tensors = Gen.Select(
        Gen.OneOf(ScalarType.Float32, ScalarType.Float64, ScalarType.Int64, ScalarType.Byte, ScalarType.BFloat16),
        Gen.Long[1, 5].Array[0, 4]
    );

    [Fact]
    public void What_is_saved_is_what_is_read_bit_for_bit() =>
        Gen.Select(Header, Tensors.List[0, 6], Gen.Int)
            .Sample(
                (header, kinds, seed) =>
                {
                    using var scope = NewDisposeScope();
                    random.manual_seed(seed);
                    var saved = Named(kinds, shape => randn(shape) * 1e3);
                    var stream = Written(header, saved);
                    Assert.True(CheckpointFile.IsWhole(stream));
                    stream.Position = 0;
                    Assert.Equal(ResultsJson.Write(header), ResultsJson.Write(CheckpointFile.ReadHeader(stream)));
                    var read = Named(kinds, shape => zeros(shape));
                    TensorFile.Load(read, stream);
                    Assert.All(saved, pair =>
                        Assert.Equal(pair.Value.contiguous().bytes.ToArray(), read[pair.Key].contiguous().bytes.ToArray())
                    );
                },
                iter: 200,
                threads: 1
            );

    [Fact]
    public void A_file_that_is_cut_or_changed_anywhere_is_found() =>
        Gen.Select(Header, Gen.Double.Unit, Gen.Byte[1, 255], Gen.Bool)
            .Sample(
                (header, place, change, cut) =>
                {
                    using var scope = NewDisposeScope();
                    var bytes = Written(header, Named([(ScalarType.Float32, [3, 4])], shape => ones(shape))).ToArray();
                    var index = (int)(place * bytes.Length);
                    if (cut)
                        bytes = bytes[..index];
                    else
                        bytes[index] ^= change;
                    Assert.False(CheckpointFile.IsWhole(new MemoryStream(bytes)));
                },
                iter: 1000,
                threads: 1
            );

    [Fact]
    public void A_type_that_a_header_names_is_not_made()
    {
        var whole = Written(Header.Array[1].Single()[0], []).ToArray();
        // After the title and the length of the header.
        const int titleBytes = 26;
        var json = Encoding.UTF8.GetBytes(
            $"{{\"$type\":\"{typeof(Bait).AssemblyQualifiedName}\","
                + Encoding.UTF8.GetString(whole[(titleBytes + 5)..(titleBytes + 4 + BitConverter.ToInt32(whole, titleBytes))])
        );
        byte[] body = [.. whole[..titleBytes], .. BitConverter.GetBytes(json.Length), .. json, .. BitConverter.GetBytes(0)];
        using var stream = new MemoryStream([.. body, .. SHA256.HashData(body)]);
        Assert.True(CheckpointFile.IsWhole(stream));
        stream.Position = 0;
        Assert.NotNull(CheckpointFile.ReadHeader(stream));
        Assert.Equal(0, Bait.Made);
    }

    [Fact]
    public void A_forged_file_with_a_right_checksum_is_read_or_refused()
    {
        using var scope = NewDisposeScope();
        // The same in every run.
        var header = Header.Generate(new PCG(1, 1), null, out _);
        var whole = Written(header, Named([(ScalarType.Float32, [3, 4])], shape => ones(shape))).ToArray();
        Mutations.Sample(whole[..^SHA256.HashSizeInBytes], 1000, body =>
        {
            using var inner = NewDisposeScope();
            using var stream = new MemoryStream([.. body, .. SHA256.HashData(body)]);
            try
            {
                CheckpointFile.ReadHeader(stream);
                TensorFile.Load(Named([(ScalarType.Float32, [3, 4])], shape => ones(shape)), stream);
            }
            catch (InvalidDataException error)
            {
                Assert.DoesNotContain('\n', error.Message);
            }
        });
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    [InlineData(1_000_000)]
    public void A_header_that_is_longer_than_the_file_is_refused_before_it_takes_memory(int length)
    {
        var body = Written(Header.Generate(new PCG(1, 1), null, out _), []).ToArray()[..^SHA256.HashSizeInBytes];
        BitConverter.GetBytes(length).CopyTo(body, 26);
        using var stream = new MemoryStream([.. body, .. SHA256.HashData(body)]);
        Assert.True(CheckpointFile.IsWhole(stream));
        stream.Position = 0;
        Assert.Equal(
            "its header is longer than the file",
            Assert.Throws<InvalidDataException>(() => CheckpointFile.ReadHeader(stream)).Message
        );
    }

    [Fact]
    public void Evaluations_that_contradict_each_other_or_the_checkpoint_are_refused()
    {
        var header = Header.Where(drawn => drawn.Evaluations.Count >= 2).Generate(new PCG(1, 1), null, out _);
        (CheckpointHeader Forged, string Expected)[] forgeries =
        [
            (header with { Evaluations = [.. header.Evaluations.Reverse()] }, "does not come after the one before it"),
            (header with { Step = header.Evaluations[^1].Step - 1 }, "its last evaluation has more steps"),
            (header with { Ledger = ComputeLedger.Empty }, "multiply-adds or seconds than the whole trial"),
            (header with { EvaluationEnds = [0] }, "a clock or a meter in its header is not possible"),
            (With(ends: [2, 1, .. new double?[header.Evaluations.Count - 2]]), "a clock or a meter in its header is not possible"),
            (With(ends: [4, .. new double?[header.Evaluations.Count - 1]]), "a clock or a meter in its header is not possible"),
        ];
        Assert.All(forgeries, forgery =>
            Assert.Contains(
                forgery.Expected,
                Assert.Throws<InvalidDataException>(() => CheckpointFile.ReadHeader(Written(forgery.Forged, []))).Message,
                StringComparison.Ordinal
            )
        );
        Assert.NotNull(CheckpointFile.ReadHeader(Written(With(ends: [null, 3, .. new double?[header.Evaluations.Count - 2]]), [])));

        CheckpointHeader With(double?[] ends) => header with { EvaluationSeconds = 3, EvaluationEnds = ends };
    }

    private static MemoryStream Written(CheckpointHeader header, Dictionary<string, Tensor> tensors)
    {
        var stream = new MemoryStream();
        CheckpointFile.Write(stream, header, tensors);
        stream.Position = 0;
        return stream;
    }

    private static Dictionary<string, Tensor> Named(IEnumerable<(ScalarType Type, long[] Shape)> kinds, Func<long[], Tensor> make) =>
        kinds
            .Index()
            .ToDictionary(
                kind => FormattableString.Invariant($"tensor {kind.Index}"),
                kind => make(kind.Item.Shape).to_type(kind.Item.Type)
            );
}
