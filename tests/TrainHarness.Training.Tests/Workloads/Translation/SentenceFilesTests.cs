using System.IO.Compression;
using System.Text;
using TrainHarness.Files;
using TrainHarness.Training.Language.Data;
using TrainHarness.Training.Workloads.Translation.Data;
using TrainHarness.Training.Workloads.Translation.Packs;

namespace TrainHarness.Training.Tests.Workloads.Translation;

public sealed class SentenceFilesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public SentenceFilesTests()
    {
        foreach (var split in (string[])["train", "val", "test"])
        {
            Write($"{split}.en", $"one {split}\ntwo {split}\n");
            Write($"{split}.fr", $"un {split}\r\ndeux {split}");
        }
    }

    public void Dispose() => folder.Dispose();

    private static PairFolder Folder { get; } = new("small", null, "en", "fr", "train", "val", "test");

    [Fact]
    public void A_folder_gives_its_splits_line_by_line_whatever_ends_a_line()
    {
        var corpus = Folder.Read(folder.Path);
        Assert.Equal([new SentencePair("one train", "un train"), new SentencePair("two train", "deux train")], corpus.Train);
        Assert.Equal(new SentencePair("two val", "deux val"), corpus.Validation[1]);
        Assert.Empty((Folder with { Test = null }).Read(folder.Path).Test);
    }

    [Fact]
    public void A_packed_file_and_a_mark_of_the_byte_order_change_nothing()
    {
        var before = Folder.Read(folder.Path).Sha256();
        File.WriteAllBytes(Place("val.en"), [0xEF, 0xBB, 0xBF, .. "one val\ntwo val\n"u8]);
        using (var packed = new GZipStream(File.Create(Place("train.fr.gz")), CompressionLevel.Fastest))
            packed.Write(File.ReadAllBytes(Place("train.fr")));
        File.Delete(Place("train.fr"));
        Assert.Equal(before, Folder.Read(folder.Path).Sha256());
    }

    [Theory]
    [InlineData(4)]
    [InlineData(20)]
    public void A_packed_file_that_was_cut_is_refused(int missing)
    {
        using (var packed = new GZipStream(File.Create(Place("train.fr.gz")), CompressionLevel.Fastest))
            packed.Write(File.ReadAllBytes(Place("train.fr")));
        File.Delete(Place("train.fr"));
        using (var file = File.OpenWrite(Place("train.fr.gz")))
            file.SetLength(file.Length - missing);
        Assert.StartsWith(
            $"{Place("train.fr.gz")}: cannot be read (",
            Assert.Throws<ConfigurationException>(() => Folder.Read(folder.Path)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Training_files_alone_are_split_by_a_hash_of_the_source()
    {
        string[] numbers = [.. Enumerable.Range(0, 200).Select(number => $"{number}")];
        // Every source twice: both translations go the same way.
        Write("train.en", string.Concat(numbers.Concat(numbers).Select(number => $"word {number}\n")));
        Write("train.fr", string.Concat(numbers.Concat(numbers).Select((number, line) => $"mot {number} {line}\n")));
        var alone = Folder with { Validation = null, Test = null, ValidationPart = 0.2, TestPart = 0.1 };
        var corpus = alone.Read(folder.Path);
        Assert.Equal(400, corpus.Train.Count + corpus.Validation.Count + corpus.Test.Count);
        Assert.InRange(corpus.Validation.Count, 40, 120);
        Assert.InRange(corpus.Test.Count, 10, 80);
        HashSet<string> Sources(IEnumerable<SentencePair> pairs) => [.. pairs.Select(pair => pair.Source)];
        Assert.Equal(200, Sources(corpus.Train).Count + Sources(corpus.Validation).Count + Sources(corpus.Test).Count);
        Assert.Equal(corpus.Sha256(), alone.Read(folder.Path).Sha256());
        Assert.Equal(
            "small: allowed: either 'validation' or 'validationPart'.",
            Assert.Throws<ConfigurationException>(() => (alone with { Validation = "val" }).Read(folder.Path)).Message
        );
        Assert.Equal(
            "small: beside 'validationPart' no 'test' is read; allowed: 'testPart'.",
            Assert.Throws<ConfigurationException>(() => (alone with { Test = "test" }).Read(folder.Path)).Message
        );
    }

    [Theory]
    [InlineData("train.en", "one\n", "train.en has 1 lines and @train.fr 2; allowed: as many.")]
    [InlineData("train.en", "one\n \n", "train.en:2:1: the sentence is empty; allowed: pairs with words on both sides.")]
    [InlineData("train.fr", "\nun\n", "train.fr:1:1: the sentence is empty; allowed: pairs with words on both sides.")]
    [InlineData("val.fr", "", "val.en has 2 lines and @val.fr 0; allowed: as many.")]
    [InlineData("train.en", "one\nt\0wo\n", "train.en:2:2: the line holds a control character; allowed: text.")]
    [InlineData("train.en.gz", "one\n", "train.en is there plain and as .gz; allowed: one of them.")]
    public void What_is_wrong_with_a_file_is_said_with_its_place(string file, string text, string problem)
    {
        Write(file, text);
        Assert.Equal(
            Place(problem.Replace("@", folder.Path + "/", StringComparison.Ordinal)),
            Assert.Throws<ConfigurationException>(() => Folder.Read(folder.Path)).Message
        );
    }

    [Fact]
    public void Two_empty_files_are_no_sentences()
    {
        Write("val.en", "");
        Write("val.fr", "");
        Assert.Equal(
            $"{Place("val.en")}: the file is empty; allowed: at least one sentence.",
            Assert.Throws<ConfigurationException>(() => Folder.Read(folder.Path)).Message
        );
    }

    [Fact]
    public void Another_encoding_is_named_with_the_line_and_the_byte()
    {
        File.WriteAllBytes(Place("train.fr"), [.. "un\n"u8, .. Encoding.Latin1.GetBytes("h\u00E9las\n")]);
        Assert.Equal(
            $"{Place("train.fr")}:2:2: the line is not UTF-8; allowed: text in UTF-8.",
            Assert.Throws<ConfigurationException>(() => Folder.Read(folder.Path)).Message
        );
    }

    [Fact]
    public void A_line_that_is_longer_than_any_sentence_is_no_sentence()
    {
        Write("train.en", new string('a', 40_000) + "\nb\n");
        Assert.Equal(
            $"{Place("train.en")}:1:1: the line is longer than a sentence; allowed: at most 32768 bytes.",
            Assert.Throws<ConfigurationException>(() => Folder.Read(folder.Path)).Message
        );
    }

    [Fact]
    public void A_missing_file_and_a_missing_folder_are_named()
    {
        File.Delete(Place("test.fr"));
        Assert.Equal(
            $"{Place("test.fr")}: no such file, plain or .gz.",
            Assert.Throws<ConfigurationException>(() => Folder.Read(folder.Path)).Message
        );
        Assert.Equal(
            $"{Place("none")}: no such folder; small is a folder with train.en and train.fr.",
            Assert.Throws<ConfigurationException>(() => Folder.Read(Place("none"))).Message
        );
        Assert.Equal(
            "small: nobody says where it lies; allowed: --data FOLDER, or 'path' beside 'kind: folder'.",
            Assert.Throws<ConfigurationException>(() => Folder.Read(null)).Message
        );
    }

    [Fact]
    public void A_table_is_split_by_its_sources_so_that_no_translation_of_one_stands_elsewhere()
    {
        Write(
            "pairs.txt",
            string.Concat(Enumerable.Range(0, 3000).Select(line => $"source number {line % 1000} .\ttranslation {line}\tsomebody's name\n"))
        );
        var corpus = new PairTable("table", null, 0.1, 0.1, MinWords: 1).Read(Place("pairs.txt"));
        Assert.Equal(3000, corpus.Train.Count + corpus.Validation.Count + corpus.Test.Count);
        Assert.All([corpus.Validation.Count, corpus.Test.Count], count => Assert.InRange(count, 200, 400));
        HashSet<string> trained = [.. corpus.Train.Select(pair => pair.Source)];
        Assert.DoesNotContain(corpus.Validation.Concat(corpus.Test), pair => trained.Contains(pair.Source));
        Assert.DoesNotContain(corpus.Train, pair => pair.Target.Contains('\t', StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("no tab\n", ":1:1: the line has no tab; allowed: a sentence, a tab, its translation.")]
    [InlineData("a\tb\n\tc\n", ":2:1: the sentence is empty; allowed: pairs with words on both sides.")]
    [InlineData("a\tb\n", ": no pair of it is for ")]
    public void A_table_is_read_as_strictly(string text, string problem)
    {
        Write("pairs.txt", text);
        var error = Assert.Throws<ConfigurationException>(() => new PairTable("table", null, 0.1, 0, MinWords: 1).Read(Place("pairs.txt")));
        Assert.StartsWith(Place("pairs.txt") + problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pack_is_kept_once_read_back_whole_and_made_again_where_it_was_damaged()
    {
        var request = new PairRequest(new GeneratedPairs(1, 100, 10, 10), Merges: 50, Longest: 60);
        var first = request.Prepare(null, folder.Path);
        var file = Assert.Single(Directory.GetFiles(folder.Path, "*.pairs"));
        var (again, bytes, isReady) = request.Measure(null, folder.Path);
        Assert.Equal((first.Sha256, new FileInfo(file).Length, true), (again.Sha256, bytes, isReady));
        Assert.Equal(first.Train.SelectMany(pair => pair.Target), again.Train.SelectMany(pair => pair.Target));
        Assert.Equal(first.Validation.Texts, again.Validation.Texts);
        Assert.Equal(first.Subwords.Merges, again.Subwords.Merges);

        var damaged = File.ReadAllBytes(file);
        damaged[damaged.Length / 2] ^= 1;
        File.WriteAllBytes(file, damaged);
        Assert.Equal(first.Sha256, request.Prepare(null, folder.Path).Sha256);
        Assert.NotEqual(damaged, File.ReadAllBytes(file));
        // Other subwords are another dataset.
        Assert.NotEqual(first.Sha256, (request with { Merges = 51 }).Prepare(null, folder.Path).Sha256);
    }

    [Fact]
    public void Training_pairs_that_are_too_long_are_left_out_and_counted_and_no_others()
    {
        var corpus = new GeneratedPairs(1, 200, 50, 0).Read(null);
        var (all, some) = (PairPack.Of(corpus, 50, longest: 1000), PairPack.Of(corpus, 50, longest: 30));
        Assert.Equal((200, 0), (all.Train.Count, all.LeftOut));
        Assert.Equal(all.Train.Count(pair => pair.SourceLength > 30 || pair.TargetLength > 30), some.LeftOut);
        Assert.InRange(some.LeftOut, 1, 199);
        Assert.Equal(50, some.Validation.Pairs.Count);
    }

    [Fact]
    public void Pairs_that_are_all_too_long_are_refused()
    {
        var error = Assert.Throws<ConfigurationException>(() =>
            new PairRequest(new GeneratedPairs(1, 100, 10, 0), 50, Longest: 4).Prepare(null, folder.Path)
        );
        Assert.Equal(
            "longest: 100 training pairs of generated-language are longer than 4 subwords; allowed: a number that leaves two pairs.",
            error.Message
        );
    }

    private string Place(string name) => System.IO.Path.Combine(folder.Path, name);

    private void Write(string name, string text) => File.WriteAllText(Place(name), text);
}
