using TrainHarness.Files;
using TrainHarness.Training.Workloads.ImageClassification.Data;
using TrainHarness.Training.Workloads.ImageClassification.Data.Sources;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Data.Sources;

/// <summary>A set of shards says how many it has, and fewer are not taken for all.</summary>
public sealed class ShardFilesTests : IDisposable
{
    private const string Allowed = "allowed: train-*.parquet, and one of validation, valid, val, dev, test for -*.parquet";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void One_shard_of_many_is_refused_with_the_first_that_is_missing_and_how_many_in_both_splits()
    {
        Files("data/train-00000-of-00294.parquet", "data/validation-00003-of-00014.parquet");
        Assert.Equal(
            $"{folder["data"]}: shards are missing: 293 of 294 of train, train-00001-of-00294.parquet first; "
                + "13 of 14 of validation, validation-00000-of-00014.parquet first; allowed: all of them",
            Refusal()
        );
    }

    [Theory]
    [InlineData("2 of 3 of train, train-0-of-3.parquet first", "train-1-of-3.parquet", "val-0.parquet")]
    [InlineData(
        "1 of 3 of train, train-00001-of-00003.parquet first",
        "train-00000-of-00003.parquet",
        "train-00002-of-00003.parquet",
        "val-0.parquet"
    )]
    [InlineData("1 of 2 of test, test-00001-of-00002.parquet first", "train-0.parquet", "test-00000-of-00002-0f3e.parquet")]
    [InlineData("999999998 of 999999999 of train, train-1-of-999999999.parquet first", "train-0-of-999999999.parquet", "val-0.parquet")]
    public void A_gap_is_refused(string expected, params string[] files)
    {
        Files(files);
        Assert.Equal($"{folder.Path}: shards are missing: {expected}; allowed: all of them", Refusal());
    }

    [Theory]
    [InlineData(
        "train-1-of-3.parquet: is not of the set of {0}train-0-of-2.parquet, whose names end otherwise",
        "train-0-of-2.parquet",
        "train-1-of-3.parquet"
    )]
    [InlineData(
        "train-extra.parquet: is not of the set of {0}train-0-of-1.parquet, whose names end otherwise",
        "train-0-of-1.parquet",
        "train-extra.parquet"
    )]
    [InlineData(
        "train-00000-of-1.parquet: is the same shard as {0}train-0-of-1.parquet; allowed: each once",
        "train-0-of-1.parquet",
        "train-00000-of-1.parquet"
    )]
    [InlineData(
        "train-0-of-1-cd.parquet: is the same shard as {0}train-0-of-1-ab.parquet; allowed: each once",
        "train-0-of-1-ab.parquet",
        "train-0-of-1-cd.parquet"
    )]
    [InlineData(
        "train-0.parquet: is the same shard as {0}data/train-0.parquet; allowed: each once",
        "train-0.parquet",
        "data/train-0.parquet"
    )]
    [InlineData(
        "train-0-of-1.parquet: is the same shard as {0}data/train-0-of-1.parquet; allowed: each once",
        "train-0-of-1.parquet",
        "data/train-0-of-1.parquet"
    )]
    [InlineData("train-3-of-2.parquet: there is no such shard; allowed: shard 0 to 1 of 2", "train-0-of-2.parquet", "train-3-of-2.parquet")]
    [InlineData("train-0-of-0.parquet: is of no shards; allowed: names as train-00000-of-00294.parquet", "train-0-of-0.parquet")]
    [InlineData("train-0-of-99999999999.parquet: 99999999999 is no number of a shard", "train-0-of-99999999999.parquet")]
    public void Shards_that_do_not_belong_together_are_refused(string expected, params string[] files)
    {
        Files([.. files, "validation-0.parquet"]);
        Assert.StartsWith(
            Path.Combine(folder.Path, "") + "/" + string.Format(null, expected, folder.Path + "/"),
            Refusal(),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("validation", "train-0.parquet", "validation-0.parquet")]
    [InlineData("validation", "train-0-of-2.parquet", "train-1-of-2.parquet", "validation-00000-of-00001-0a1b2c.parquet")]
    [InlineData("validation", "data/train-0-of-2.parquet", "data/train-1-of-2.parquet", "validation.parquet")]
    [InlineData("valid", "train.parquet", "valid-0.parquet")]
    [InlineData("val", "Train-0.parquet", "VAL-0.parquet")]
    [InlineData("dev", "train-a.parquet", "train-b.parquet", "dev-0.parquet")]
    [InlineData("test", "train-0.parquet", "test-0.parquet")]
    [InlineData("test", "plain_text/train-0-of-1.parquet", "plain_text/test-0-of-1.parquet")]
    public void The_validation_split_has_one_of_several_names_and_one_that_is_unusual_is_said(string expected, params string[] files)
    {
        Files(files);
        Assert.True(ShardFiles.IsAt(folder.Path));
        var found = ShardFiles.In(folder.Path);
        Assert.Equal(
            files.Select(file => folder[file]).Order(StringComparer.Ordinal),
            found.Of(Split.Train).Concat(found.Of(Split.Validation)).Order(StringComparer.Ordinal)
        );
        Assert.StartsWith(expected, Path.GetFileName(Assert.Single(found.Of(Split.Validation))), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(expected == "validation" ? [] : [$"validation: {expected}-*.parquet"], found.Remarks);
    }

    [Fact]
    public void Validation_is_preferred_to_test_and_what_is_not_read_is_said()
    {
        Files("train-0.parquet", "validation-0.parquet", "test-0-of-7.parquet", "other.parquet");
        var found = ShardFiles.In(folder.Path);
        Assert.Equal([folder["validation-0.parquet"]], found.Of(Split.Validation));
        Assert.Equal(["not read: 2 other Parquet files, other.parquet first"], found.Remarks);
    }

    [Fact]
    public void What_is_missing_or_there_twice_is_named()
    {
        Files("train-0.parquet");
        Assert.Equal($"{folder.Path}: no validation-*.parquet; {Allowed}", Refusal());
        Files("val-0.parquet", "dev-0.parquet");
        Assert.Equal($"{folder.Path}: there are val-*.parquet and dev-*.parquet; allowed: one of them", Refusal());
        File.Delete(folder["dev-0.parquet"]);
        File.Delete(folder["train-0.parquet"]);
        Assert.Equal($"{folder.Path}: no train-*.parquet; {Allowed}", Refusal());
        File.Delete(folder["val-0.parquet"]);
        Assert.False(ShardFiles.IsAt(folder.Path));
        Files("160px/train-0.parquet", "320px/train-0.parquet");
        Assert.Equal($"{folder.Path}: there are shards in 160px/ and in 320px/; allowed: the path of one of them", Refusal());
    }

    private string Refusal()
    {
        var message = Assert.Throws<ConfigurationException>(() => ShardFiles.In(folder.Path)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    private void Files(params string[] names)
    {
        foreach (var name in names)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[name])!);
            File.WriteAllText(folder[name], "");
        }
    }
}
