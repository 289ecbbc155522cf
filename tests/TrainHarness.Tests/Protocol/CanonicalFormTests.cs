using System.Security.Cryptography;
using System.Text;
using TrainHarness.Protocol;

namespace TrainHarness.Tests.Protocol;

public sealed class CanonicalFormTests
{
    [Fact]
    public void One_setting_has_one_form_however_it_was_written_and_by_whom_it_was_read()
    {
        var read = new Dictionary<string, object?>
        {
            ["rate"] = 1e-4,
            ["bits"] = 6,
            ["own"] = new List<int> { 1, 2 },
            ["on"] = true,
            ["name"] = "a\"b\\c",
        };
        var written = new Dictionary<string, object?>
        {
            ["name"] = "a\"b\\c",
            ["on"] = "true",
            ["own"] = new List<object?> { "1", "2.0" },
            ["bits"] = "6",
            ["rate"] = "0.0001",
        };
        Assert.Equal("""{"bits":"6","name":"a\"b\\c","on":"true","own":["1","2"],"rate":"0.0001"}""", CanonicalForm.Of(read));
        Assert.Equal(CanonicalForm.Of(read), CanonicalForm.Of(written));
    }

    [Fact]
    public void Values_that_differ_have_forms_that_differ()
    {
        string[] forms =
        [
            .. new object?[]
            {
                "a",
                "a ",
                1,
                1.5,
                -1,
                "1,2",
                new List<int> { 1, 2 },
                new List<string> { "1,2" },
                "",
                "{}",
                new Dictionary<string, object?>(),
                long.MaxValue,
                long.MaxValue - 1,
            }.Select(value => CanonicalForm.Of(value)),
        ];
        Assert.Equal(forms, forms.Distinct());
    }

    // Python: hashlib.sha256(text.encode()).hexdigest(), where text is the study's lines by json.dumps(sort_keys=True, separators=(",",
    // ":")).
    [Fact]
    public void A_fingerprint_of_protocol_2_is_the_SHA_256_of_a_text_that_anybody_can_write()
    {
        const string Text = """
            {"baseline":"alexnet.sgd-step6","study":{"baseline":"resnet18.sgd-smooth6","checkpointEveryMinutes":"1","dataset":{"description":{"classes":"10","kind":"synthetic",
            "mean":["0.5","0.5","0.5"],"seed":"1","standardDeviation":["0.25","0.25","0.25"],"trainPerClass":"10","validationPerClass":"5"},"name":"shapes"},"entries":[],
            "evaluateEveryExamples":"1000","imageSize":"64","name":"-","packSize":"73","protocol":"2","recipes":{"sgd-smooth6":{"augmentation":{"cropRatio":["0.75","1.3333333333333333"],
            "cropScale":["0.25","1"],"flip":"0.5"},"batchNormalised":{"initialisation":"torchvision","learningRate":"0.1"},"batchSize":"32","epochs":"6","labelSmoothing":"0",
            "optimizer":{"kind":"sgd","momentum":"0.9","nesterov":"false","weightDecay":"0.0001"},"plain":{"initialisation":"he","learningRate":"0.01"},"precision":"fp32",
            "schedule":{"decay":"0.1","kind":"smoothed-step","parts":"3"},"warmUpEpochs":"0"}},"seeds":["0"],"stop":"at-target","subset":{"trainFraction":"1","validationFraction":"1"},
            "target":{"from":"baseline","metric":{"better":"more","max":"1","min":"0","name":"top1","unit":"percent"}},"threads":"2"}}
            """;
        var text = Text.ReplaceLineEndings("");
        Assert.Equal(text, TrialFingerprint.TextOf(Samples.Study, Samples.Study.Entries[1]));
        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))),
            TrialFingerprint.Of(Samples.Study, Samples.Study.Entries[1])
        );
    }
}
