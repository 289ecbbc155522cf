using System.Security.Cryptography;
using System.Text;
using CsCheck;
using TrainHarness.Compute;
using TrainHarness.Results;
using TrainHarness.Tests;
using TrainHarness.Training.Checkpoints;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Checkpoints;

public class CheckpointFileTests
{
    private static readonly Gen<double> Duration = Gen.Double[0, 1e9];

    private static readonly Gen<Macs> Count = Gen.Select(Gen.ULong, Gen.ULong[0, 1 << 20], (low, high) => new Macs(((UInt128)high << 64) + low));

    private static readonly Gen<ComputeLedger> Ledger = Gen.Select(Count, Count, Count, Count, (a, b, c, d) => new ComputeLedger(a, b, c, d));

    private static readonly Gen<Evaluation> Evaluations = Gen.Select(Gen.Long[1, long.MaxValue], Ledger, Duration, Gen.Double[0, 1], Gen.Double[0, 1000], (step, ledger, seconds, metric, loss) => new Evaluation
    {
        Step = step,
        Epoch = step / 7.0,
        Examples = step,
        Ledger = ledger,
        Seconds = seconds,
        Joules = metric > 0.5 ? seconds : null,
        Loss = loss,
        Metrics = new Dictionary<string, double> { ["top1"] = metric, ["top5"] = 1 - metric },
    });

    private static readonly Gen<CheckpointOrigin> Origin = Gen.Select(Gen.String, Gen.String, Gen.Nullable(Gen.Double[0, 1]), Gen.Null(Gen.String), (trial, hash, threshold, device) =>
        new CheckpointOrigin(trial, hash, hash, threshold, "cpu", device, "2.10.0"));

    private static readonly Gen<(double? Joules, string? Meter)> Energy = Gen.Select(Gen.Nullable(Duration), Gen.Null(Gen.String));

    private static readonly Gen<CheckpointHeader> Header = Gen.Select(Origin, Gen.Long[1, long.MaxValue], Ledger, Gen.Double[-1e300, 1e300], Evaluations.List[0, 5], Duration, Gen.DateTimeOffset, Energy, (origin, step, ledger, loss, evaluations, seconds, started, energy) => new CheckpointHeader
    {
        Origin = origin,
        Step = step,
        Examples = step,
        Ledger = ledger,
        LatestLoss = loss,
        Evaluations = evaluations,
        TrainingSeconds = seconds,
        EvaluationSeconds = seconds / 3,
        DataWaitSeconds = seconds / 5,
        Joules = energy.Joules,
        EnergyMeter = energy.Meter,
        Seconds = seconds * 2,
        Started = started,
    });

    private static readonly Gen<(ScalarType Type, long[] Shape)> Tensors = Gen.Select(
        Gen.OneOf(ScalarType.Float32, ScalarType.Float64, ScalarType.Int64, ScalarType.Byte, ScalarType.BFloat16), Gen.Long[1, 5].Array[0, 4]);

    [Fact]
    public void What_is_saved_is_what_is_read_bit_for_bit() => Gen.Select(Header, Tensors.List[0, 6], Gen.Int).Sample(
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
            Assert.All(saved, pair => Assert.Equal(pair.Value.contiguous().bytes.ToArray(), read[pair.Key].contiguous().bytes.ToArray()));
        },
        iter: 200,
        threads: 1);

    [Fact]
    public void A_file_that_is_cut_or_changed_anywhere_is_found() => Gen.Select(Header, Gen.Double.Unit, Gen.Byte[1, 255], Gen.Bool).Sample(
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
        threads: 1);

    [Fact]
    public void A_type_that_a_header_names_is_not_made()
    {
        var whole = Written(Header.Array[1].Single()[0], []).ToArray();
        // After the title and the length of the header.
        const int titleBytes = 26;
        var json = Encoding.UTF8.GetBytes($"{{\"$type\":\"{typeof(Bait).AssemblyQualifiedName}\"," + Encoding.UTF8.GetString(whole[(titleBytes + 5)..(titleBytes + 4 + BitConverter.ToInt32(whole, titleBytes))]));
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
        var header = Header.Array[1].Single();
        var whole = Written(header[0], Named([(ScalarType.Float32, [3, 4])], shape => ones(shape))).ToArray();
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

    private static MemoryStream Written(CheckpointHeader header, Dictionary<string, Tensor> tensors)
    {
        var stream = new MemoryStream();
        CheckpointFile.Write(stream, header, tensors);
        stream.Position = 0;
        return stream;
    }

    private static Dictionary<string, Tensor> Named(IEnumerable<(ScalarType Type, long[] Shape)> kinds, Func<long[], Tensor> make) => kinds.Index().ToDictionary(
        kind => FormattableString.Invariant($"tensor {kind.Index}"), kind => make(kind.Item.Shape).to_type(kind.Item.Type));
}
