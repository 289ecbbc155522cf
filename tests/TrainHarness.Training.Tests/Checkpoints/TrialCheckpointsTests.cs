using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using TrainHarness.Files;
using TrainHarness.Training.Checkpoints;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Tests.Engine;
using TrainHarness.Training.Workloads.ImageClassification;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

namespace TrainHarness.Training.Tests.Checkpoints;

public sealed class TrialCheckpointsTests : IDisposable
{
    private static readonly TrainingPlan Plan = Trials.Plan(threshold: null) with { Architecture = SmallNetwork.Architecture };

    private readonly TemporaryFolder folder = new();
    private readonly DatasetPack pack;

    public TrialCheckpointsTests() => pack = Trials.Pack(folder);

    public void Dispose()
    {
        pack.Dispose();
        folder.Dispose();
    }

    public static TheoryData<string> Damages => [.. Damage.Keys];

    private static readonly Dictionary<string, Func<byte[], byte[]>> Damage = new()
    {
        ["empty"] = _ => [],
        ["cut in half"] = bytes => bytes[..(bytes.Length / 2)],
        ["without its last byte"] = bytes => bytes[..^1],
        ["longer"] = bytes => [.. bytes, 0],
        ["one bit of a weight"] = bytes => Flipped(bytes, bytes.Length / 2),
        ["one bit of the header"] = bytes => Flipped(bytes, 100),
        ["one bit of the checksum"] = bytes => Flipped(bytes, bytes.Length - 1),
        ["zeros"] = bytes => new byte[bytes.Length],
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void A_checkpoint_that_was_truncated_or_altered_is_said_and_the_one_before_it_is_used(string damage)
    {
        var undisturbed = TrainingLoop.Run(Plan, ImageTask.On(pack), progress: null, TestContext.Current.CancellationToken);
        var trial = new Interruption(Plan, pack, folder["results"]);
        Assert.Null(trial.Run(steps: 5));
        File.WriteAllBytes(trial.Latest, Damage[damage](File.ReadAllBytes(trial.Latest)));
        var result = trial.Finish();
        Assert.Equal(
            [$"{trial.Latest} is truncated or altered (its checksum differs) and is not used", "goes on from step 4 (64 examples)"],
            trial.Told
        );
        Assert.Equal(Interruption.Shown(undisturbed), Interruption.Shown(result));
    }

    [Fact]
    public void A_damaged_checkpoint_never_takes_the_place_of_the_good_one_before_it()
    {
        var trial = new Interruption(Plan, pack, folder["results"]);
        Assert.Null(trial.Run(steps: 5));
        File.WriteAllText(trial.Latest, "damaged");
        Assert.Null(trial.Run(steps: 1));
        File.Delete(trial.Latest);
        trial.Finish();
        Assert.Equal("goes on from step 4 (64 examples)", trial.Told[^1]);
    }

    [Fact]
    public void With_both_checkpoints_damaged_the_trial_starts_over_and_says_so()
    {
        var trial = new Interruption(Plan, pack, folder["results"]);
        Assert.Null(trial.Run(steps: 5));
        File.WriteAllText(trial.Latest, "not");
        File.WriteAllText(trial.Previous, "this");
        Assert.Equal(15, trial.Finish().Steps);
        Assert.Equal("starts over, as no checkpoint of it can be read", trial.Told[^1]);
    }

    [Fact]
    public void Between_the_two_renames_of_a_save_the_trial_goes_on_from_the_previous_one()
    {
        var trial = new Interruption(Plan, pack, folder["results"]);
        Assert.Null(trial.Run(steps: 5));
        File.Move(trial.Latest, trial.Previous, overwrite: true);
        trial.Finish();
        Assert.Equal(["goes on from step 5 (72 examples)"], trial.Told);
    }

    public static TheoryData<string> Others => [.. Origins.Keys];

    private static readonly Dictionary<string, Func<CheckpointOrigin, CheckpointOrigin>> Origins = new()
    {
        ["it is of 'small.small/seed-2'"] = origin => origin with { Trial = "small.small/seed-2" },
        ["it was made under other rules than the study has now"] = origin => origin with { ConfigurationSha256 = "another" },
        ["it was made on other data than the dataset holds now"] = origin => origin with { PackSha256 = "another" },
        ["it was made against another target than the study has now"] = origin => origin with { Threshold = 0.5 },
        ["it was made on another device (another processor)"] = origin => origin with { DeviceName = "another processor" },
        ["it was made with libtorch 2.9.0, and this is 2.10.0"] = origin => origin with { Libtorch = "2.9.0" },
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void A_checkpoint_of_something_else_is_refused_and_kept(string why)
    {
        var trial = new Interruption(Plan, pack, folder["results"]);
        var origin = trial.Origin;
        var other = new Interruption(Plan, pack, folder["results"]) { Origin = Origins[why](origin) };
        Assert.Null(other.Run(steps: 2));
        if (other.Latest != trial.Latest)
            MoveTo(other.Latest, trial.Latest);
        var refused = Assert.Throws<ConfigurationException>(trial.Finish);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
        Assert.True(File.Exists(trial.Latest));
    }

    [Fact]
    public void Checkpoints_come_by_time_and_none_comes_where_no_step_was_taken()
    {
        var trial = new Interruption(Plan, pack, folder["results"]);
        trial.Finish();
        Assert.False(File.Exists(trial.Latest));
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();
        var checkpoints = new TrialCheckpoints(trial.Store, trial.Origin, TimeSpan.Zero, new TrialClock(), trial.Told.Add, () => { });
        Assert.Throws<OperationCanceledException>(() =>
            TrainingLoop.Run(Plan, ImageTask.On(pack), checkpoints, progress: null, stopped.Token)
        );
        Assert.False(File.Exists(trial.Latest));
    }

    [Fact]
    public void A_checkpoint_past_the_end_of_the_schedule_is_refused()
    {
        Assert.Null(new Interruption(Plan, pack, folder["results"]).Run(steps: 7));
        // A third of the schedule, under the same name.
        var shorter = Trials.Plan(threshold: null, recipe: Trials.Recipe with { Epochs = 1 }) with
        {
            Architecture = SmallNetwork.Architecture,
        };
        var refused = Assert.Throws<ConfigurationException>(new Interruption(shorter, pack, folder["results"]).Finish);
        Assert.Contains(
            "checkpoint.bin: the trial cannot go on from this checkpoint: it is at step 7 of 5;",
            refused.Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("\"examples\": 48", "\"examples\": 64", "it has other examples, multiply-adds or evaluations than 3 steps make")]
    [InlineData("\"trainingSeconds\": ", "\"trainingSeconds\": 1e300, \"was\": ", "allowed: at most 10000000000")]
    public void A_checkpoint_whose_numbers_are_not_those_of_its_step_is_refused(string from, string to, string expected) =>
        Assert.Contains(expected, Refused(steps: 3, json => json.Replace(from, to, StringComparison.Ordinal)), StringComparison.Ordinal);

    [Theory]
    [InlineData("epoch")]
    [InlineData("examples")]
    [InlineData("step")]
    [InlineData("ledger")]
    [InlineData("all")]
    public void A_checkpoint_whose_evaluations_are_not_those_of_its_steps_is_refused(string forged)
    {
        Assert.Contains("its evaluation after ", Refused(steps: 7, json =>
            {
                var header = JsonNode.Parse(json)!;
                var first = header["evaluations"]![0]!;
                if (forged == "all")
                    (header["evaluations"], header["evaluationEnds"]) = (new JsonArray(), new JsonArray());
                else if (forged == "ledger")
                    first["ledger"]!["gradInput"] = 1;
                else
                    first[forged] = first[forged]!.GetValue<double>() - 1;
                return header.ToJsonString();
            }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_whose_evaluations_have_no_metric_of_the_trial_is_refused()
    {
        (Action<JsonObject> Forge, string Expected)[] forgeries =
        [
            (metrics => metrics["top1"] = 1.5, "evaluation 1 has a top1 of 1.5; allowed: a number from 0 to 1;"),
            (metrics => metrics.Remove("top5"), "evaluation 1 has no top5;"),
            (metrics => metrics["top9"] = 0.5, "evaluation 1 has a 'top9', which is no metric of the trial;"),
        ];
        foreach (var (forge, expected) in forgeries)
        {
            Assert.Contains(expected, Refused(steps: 7, json =>
                {
                    var header = JsonNode.Parse(json)!;
                    forge(header["evaluations"]![0]!["metrics"]!.AsObject());
                    return header.ToJsonString();
                }), StringComparison.Ordinal);
            Directory.Delete(folder["results"], recursive: true);
        }
    }

    [Theory]
    [InlineData(0x00)]
    [InlineData(0xFF)]
    public void A_random_generator_that_cannot_be_is_refused_in_a_line_and_does_not_end_the_process(byte value)
    {
        var trial = new Interruption(Plan, pack, folder["results"]);
        Assert.Null(trial.Run(steps: 3));
        var whole = File.ReadAllBytes(trial.Latest);
        // After the name come the length of its description (a byte), the description, and the bytes, of which the first 24 are checked.
        var name = "random.cpu"u8;
        var place = whole.AsSpan().IndexOf(name) + name.Length;
        whole.AsSpan(place + 1 + whole[place], 24).Fill(value);
        File.WriteAllBytes(trial.Latest, [.. whole[..^32], .. SHA256.HashData(whole.AsSpan(0, whole.Length - 32))]);
        Assert.Contains(
            "the state of its random generator is impossible",
            Assert.Throws<ConfigurationException>(trial.Finish).Message,
            StringComparison.Ordinal
        );
    }

    // Also with a right checksum.
    private string Refused(int steps, Func<string, string> forge)
    {
        var trial = new Interruption(Plan, pack, folder["results"]);
        Assert.Null(trial.Run(steps));
        var whole = File.ReadAllBytes(trial.Latest);
        const int title = 26;
        var length = BitConverter.ToInt32(whole, title);
        var before = Encoding.UTF8.GetString(whole, title + 4, length);
        var after = forge(before);
        Assert.NotEqual(before, after);
        var json = Encoding.UTF8.GetBytes(after);
        byte[] body = [.. whole[..title], .. BitConverter.GetBytes(json.Length), .. json, .. whole[(title + 4 + length)..^32]];
        File.WriteAllBytes(trial.Latest, [.. body, .. SHA256.HashData(body)]);
        return Assert.Throws<ConfigurationException>(trial.Finish).Message;
    }

    [Fact]
    public void Between_two_checkpoints_the_interval_passes()
    {
        var trial = new Interruption(Plan, pack, folder["results"]);
        var clock = new SteppingTime();
        var saved = 0;
        var checkpoints = new TrialCheckpoints(trial.Store, trial.Origin, TimeSpan.FromMinutes(5), new TrialClock(), trial.Told.Add, () =>
            saved++
        )
        {
            Time = clock,
        };
        Assert.Equal(
            15,
            TrainingLoop.Run(Plan, ImageTask.On(pack), checkpoints, progress: null, TestContext.Current.CancellationToken).Steps
        );
        // It is looked at once a step.
        Assert.Equal(15 / 5, saved);
    }

    [Theory]
    [InlineData("checkpoint.bin")]
    [InlineData("checkpoint.previous.bin")]
    public void A_file_that_cannot_be_renamed_to_its_place_is_one_line_and_loses_nothing(string name)
    {
        var undisturbed = TrainingLoop.Run(Plan, ImageTask.On(pack), progress: null, TestContext.Current.CancellationToken);
        var trial = new Interruption(Plan, pack, folder["results"]);
        Assert.Null(trial.Run(steps: 5));
        // Nothing takes the place of a folder that is not empty.
        var place = Path.Combine(Path.GetDirectoryName(trial.Latest)!, name);
        File.Move(place, place + ".kept");
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(place).FullName, "file"), "");
        var error = Assert.ThrowsAny<Exception>(() =>
        {
            trial.Run(steps: 1);
        });
        Assert.True(error is IOException or UnauthorizedAccessException, error.ToString());
        Assert.DoesNotContain('\n', error.Message);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(trial.Latest)!, "*.tmp"));
        Directory.Delete(place, recursive: true);
        File.Move(place + ".kept", place);
        Assert.Equal(Interruption.Shown(undisturbed), Interruption.Shown(trial.Finish()));
    }

    /// <summary>A minute passes from one look at it to the next.</summary>
    private sealed class SteppingTime : TimeProvider
    {
        private long minutes;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => 60 * minutes++;
    }

    private static void MoveTo(string from, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        File.Move(from, to);
    }

    private static byte[] Flipped(byte[] bytes, int index)
    {
        var changed = bytes.ToArray();
        changed[index] ^= 1;
        return changed;
    }
}
