using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using TrainHarness.Training.Native;
using TrainHarness.Training.Native.Bindings;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Native;

/// <summary>
/// What networks over sequences call, once by TorchSharp's own native library and once, in a process of its own, by libtorch's dispatcher:
/// the same numbers from the same seed, first values and gradients included.
/// </summary>
public sealed class SequenceBindingsTests
{
    private const string ExpectedVariable = "TRAINHARNESS_TEST_EXPECTED";
    private const char Separator = '|';

    private static readonly (string Name, Func<IEnumerable<Tensor>> Run)[] Cases =
    [
        ("masked_fill", () => [Some(3, 4).masked_fill(Mask(3, 4), double.NegativeInfinity), Some(3, 4).masked_fill_(Mask(3, 4), 2)]),
        ("log_softmax", () => [nn.functional.log_softmax(Some(3, 4), 1), Some(3, 4).logsumexp(1, true)]),
        ("softmax", () => [nn.functional.softmax(Some(3, 4), -1)]),
        ("matrix products", () =>
            [Some(2, 3, 4).bmm(Some(2, 4, 5)), Some(2, 3, 4).matmul(Some(4, 5)), einsum("bij,bkj->bik", Some(2, 3, 4), Some(2, 5, 4))]
        ),
        ("multinomial", () =>
        {
            using var generator = new Generator(5);
            return
            [
                Some(3, 4).abs().multinomial(2),
                Some(3, 4).abs().multinomial(9, replacement: true),
                Some(4).abs().multinomial(2, generator: generator),
            ];
        }),
        ("triangles", () => [ones(4, 4).tril(), ones(4, 4).triu(1), ones(4, 4).tril_(-1)]),
        ("places", () => [Some(3, 4).argmax(), Some(3, 4).argmax(1), Some(3, 4).argmax(1, true), Some(3, 4).argmin(0)]),
        ("maxima", () =>
        {
            var (values, places) = Some(3, 4).max(1);
            var (lowest, where) = Some(3, 4).min(0, true);
            return [values, places, lowest, where, maximum(Some(3, 4), Some(3, 4)), minimum(Some(3, 4), Some(3, 4))];
        }),
        ("sorts", () =>
        {
            var (values, places) = Some(3, 4).sort(1, descending: true);
            var (best, which) = Some(3, 9).topk(4);
            return [values, places, best, which, Some(3, 4).argsort(0)];
        }),
        ("choices", () =>
        {
            var indices = tensor(new long[] { 2, 0, 1, 1 }).reshape(2, 2);
            return
            [
                Some(3, 4).gather(1, indices),
                Some(3, 4).index_select(0, indices.flatten()),
                zeros(3, 4).scatter(1, indices, Some(2, 2)),
                zeros(3, 4).scatter_(1, indices, Some(2, 2)),
                where(Mask(3, 4), Some(3, 4), Some(3, 4)),
                Some(3, 4).cumsum(1),
            ];
        }),
        ("places that are written", () =>
        {
            var (line, square, cube) = (Some(4), Some(3, 4), Some([2, 3, 4]));
            (line[1], square[1, 2], cube[1, 2, 3]) = (7f, 8f, 9f);
            return [line, square, cube, cube[0, 1, 2]];
        }),
        ("splits", () => [.. Some(7, 2).split(3), .. Some(7, 2).split([2, 5]), .. Some(7, 2).chunk(2)]),
        ("repeats", () => [Some(2, 3).repeat_interleave(2, 0), Some(2, 3).repeat_interleave(3), Some(2, 3).repeat(2, 1)]),
        ("masks", () =>
        {
            var (a, b) = (Mask(3, 4), Mask(3, 4));
            return
            [
                logical_and(a, b),
                logical_or(a, b),
                logical_xor(a, b),
                logical_not(a),
                ~a,
                a | b,
                a ^ b,
                a & b,
                Some(3, 4) <= 0,
                Some(3, 4).le(Some(3, 4)),
                a.any(),
            ];
        }),
        ("functions", () =>
        {
            var x = Some(3, 4).abs() + 0.5;
            return
            [
                x.exp(),
                x.log(),
                x.sin(),
                x.cos(),
                x.rsqrt(),
                nn.functional.glu(x),
                nn.functional.logsigmoid(x),
                full_like(x, 3),
                x.unsqueeze(0).squeeze(),
            ];
        }),
        ("words", () =>
            [
                nn.functional.one_hot(tensor(new long[] { 2, 0 }), 4),
                nn.utils.rnn.pad_sequence([Some(3, 2), Some(1, 2)], batch_first: true, padding_value: -1),
                nn.functional.nll_loss(nn.functional.log_softmax(Some(3, 4), 1), tensor(new long[] { 0, 3, -100 })),
            ]
        ),
        ("convolutions", () =>
        {
            var line = Some(2, 4, 9);
            return
            [
                .. Learned(nn.Conv1d(4, 6, 3, stride: 2, padding: 1, groups: 2), line),
                .. Learned(nn.Conv1d(4, 6, 3, padding: Padding.Same), line),
                .. Learned(nn.ConvTranspose1d(4, 6, 3, stride: 2, output_padding: 1), line),
                .. Learned(nn.ConvTranspose2d(4, 6, 3, stride: 2, groups: 2), Some(2, 4, 3, 3)),
                .. Learned(nn.Conv3d(4, 2, 2), Some([1, 4, 3, 3, 3])),
                .. Learned(nn.ConvTranspose3d(4, 2, 2), Some([1, 4, 3, 3, 3])),
            ];
        }),
        ("layer norm", () => [.. Learned(nn.LayerNorm(4), Some(2, 3, 4))]),
        ("embedding", () =>
        {
            var words = tensor(new long[] { 2, 0, 1, 1 }).reshape(2, 2);
            return
            [
                .. Learned(nn.Embedding(5, 3), words),
                .. Learned(nn.Embedding(5, 3, padding_idx: 1), words),
                .. Learned(nn.Embedding(5, 3, padding_idx: -1), words),
                .. Learned(nn.Embedding(5, 3, max_norm: 0.5), words),
                nn.Embedding_from_pretrained(Some(5, 3)).call(words),
            ];
        }),
        ("a tied embedding", () =>
        {
            var embedding = nn.Embedding(5, 3);
            embedding.weight = new Parameter(Some(5, 3));
            var logits = nn.functional.linear(embedding.call(tensor(new long[] { 2, 0 })), embedding.weight);
            logits.square().sum().backward();
            return [logits, embedding.weight.grad!];
        }),
        ("lstm", () =>
        {
            var lstm = nn.LSTM(3, 4, numLayers: 2, bidirectional: true);
            var (output, hidden, cell) = lstm.call(Some(5, 2, 3));
            var (again, _, _) = lstm.call(Some(5, 2, 3), (hidden, cell));
            return [output, hidden, cell, again, .. Gradients(lstm, again)];
        }),
        ("lstm with dropout, batch first, without biases", () =>
        {
            var lstm = nn.LSTM(3, 4, numLayers: 2, bias: false, batchFirst: true, dropout: 0.5);
            var learned = lstm.call(Some(5, 2, 3)).Item1;
            lstm.eval();
            return [learned, lstm.call(Some(5, 2, 3)).Item1, .. Gradients(lstm, learned)];
        }),
        ("gru", () =>
        {
            var gru = nn.GRU(3, 4, numLayers: 2, bidirectional: true);
            var (output, hidden) = gru.call(Some(5, 2, 3));
            return [output, hidden, gru.call(Some(5, 2, 3), hidden).Item1, .. Gradients(gru, output)];
        }),
        ("plain recurrence", () =>
            [
                .. Gradients(nn.RNN(3, 4), Some(5, 2, 3)),
                .. Gradients(nn.RNN(3, 4, nonLinearity: nn.NonLinearities.ReLU, batchFirst: true), Some(5, 2, 3)),
            ]
        ),
        ("cells", () =>
        {
            var (lstm, gru, rnn) = (nn.LSTMCell(3, 4), nn.GRUCell(3, 4, bias: false), nn.RNNCell(3, 4));
            // TorchSharp's own cell of an LSTM wants a state.
            var (hidden, cell) = lstm.call(Some(2, 3), (Some(2, 4), Some(2, 4)));
            return
            [
                hidden,
                cell,
                .. Gradients(lstm, hidden),
                gru.call(Some(2, 3), Some(2, 4)),
                lstm.weight_ih!,
                gru.weight_hh!,
                rnn.bias_ih!,
                .. Gradients(rnn, rnn.call(Some(2, 3), Some(2, 4))),
            ];
        }),
        ("attention", () =>
        {
            var attention = nn.MultiheadAttention(8, 2, dropout: 0.1);
            var input = Some(4, 3, 8);
            var (output, weights) = attention.call(input, input, input);
            var memory = Some(5, 3, 8);
            var (looked, mixed) = (attention.call(input, memory, memory).Item1, attention.call(input, memory, Some(5, 3, 8)).Item1);
            return [output, weights, looked, mixed, .. Gradients(attention, output)];
        }),
        ("attention to another sequence, with masks", () =>
        {
            var attention = nn.MultiheadAttention(8, 2, bias: false, kdim: 5, vdim: 5);
            var (queries, keys) = (Some(4, 3, 8), Some(6, 3, 5));
            var padding = zeros(3, 6, dtype: ScalarType.Bool);
            padding[0, 5] = true;
            var future = ones(4, 6, dtype: ScalarType.Bool).triu(3);
            var (output, weights) = attention.call(queries, keys, keys, key_padding_mask: padding, attn_mask: future);
            var added = attention.call(queries, keys, keys, need_weights: false, attn_mask: Some(4, 6)).Item1;
            return [.. attention.parameters(), padding, future, output, weights, added, .. Gradients(attention, output)];
        }),
        ("attention to positions of its own", () =>
        {
            var attention = nn.MultiheadAttention(8, 2, add_bias_kv: true, add_zero_attn: true);
            attention.eval();
            var input = Some(4, 3, 8);
            var (output, weights) = attention.call(input, input, input, attn_mask: Some(4, 4));
            return [output, weights, .. Gradients(attention, output)];
        }),
        ("an lstm that is saved, read and converted", () =>
        {
            var (lstm, other) = (nn.LSTM(3, 4), nn.LSTM(3, 4));
            other.load_state_dict(lstm.state_dict());
            lstm.to(ScalarType.Float64);
            return [other.call(Some(5, 2, 3)).Item1, lstm.call(Some(5, 2, 3).to(ScalarType.Float64)).Item1, .. lstm.parameters()];
        }),
    ];

    [Fact]
    public async Task Sequences_give_by_the_dispatcher_what_they_give_by_the_library_of_TorchSharp()
    {
        Assert.SkipWhen(Problem() is not null, Problem() ?? "");
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "expected.txt");
        await File.WriteAllLinesAsync(file, Results(), TestContext.Current.CancellationToken);

        var child = await DotnetProcess.Run(
            ["exec", GetType().Assembly.Location, "-method", $"*.{nameof(Sequences_give_what_another_process_wrote)}"],
            new Dictionary<string, string> { [TorchLibrary.BindingsVariable] = "dispatcher", [ExpectedVariable] = file }
        );

        Assert.True(child.ExitCode == 0, child.Output);
        Assert.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0", child.Output, StringComparison.Ordinal);
    }

    /// <summary>The other half of the test above.</summary>
    [Fact]
    public void Sequences_give_what_another_process_wrote()
    {
        var file = Environment.GetEnvironmentVariable(ExpectedVariable);
        Assert.SkipWhen(file is null, "No other process wrote anything.");

        var expected = File.ReadAllLines(file!);
        var results = Results();
        Assert.Equal(expected.Length, results.Count);
        foreach (var (before, now) in expected.Zip(results))
            AssertSame(before.Split(Separator), now.Split(Separator));
    }

    // A kernel chooses its way by how its memory lies, so that the last bit of a sum can differ between two processes.
    private static void AssertSame(string[] expected, string[] actual)
    {
        Assert.Equal(expected[0], actual[0]);
        Assert.Equal(expected.Length, actual.Length);
        foreach (var (before, now) in expected.Zip(actual).Skip(1))
        {
            var (one, other) = (Number(before), Number(now));
            Assert.True(
                one.Equals(other) || Math.Abs(one - other) <= 1e-6 * Math.Max(1, Math.Abs(one)),
                $"{expected[0]}: {before} and {now}"
            );
        }
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    [Fact]
    public void A_state_that_does_not_fit_is_an_exception()
    {
        using var scope = NewDisposeScope();
        var lstm = nn.LSTM(3, 4);
        Assert.ThrowsAny<Exception>(() => lstm.call(zeros(5, 2, 7)));
        Assert.ThrowsAny<Exception>(() => lstm.call(zeros(5, 2, 3), (zeros(1, 3, 4), zeros(1, 3, 4))));
        Assert.ThrowsAny<Exception>(() => lstm.call(zeros(5, 2, 3), (zeros(1, 2, 4), zeros(1, 2, 5))));
        Assert.ThrowsAny<Exception>(() => nn.GRUCell(3, 4).call(zeros(2, 7), zeros(2, 4)));
        Assert.ThrowsAny<Exception>(() => nn.MultiheadAttention(8, 2).call(zeros(4, 2, 7), zeros(4, 2, 7), zeros(4, 2, 7)));
        Assert.ThrowsAny<Exception>(() => nn.Embedding(5, 3).call(tensor(new long[] { 9 })));
        Assert.ThrowsAny<Exception>(() => zeros(3, 4).masked_fill(ones(5, dtype: ScalarType.Bool), 1));
        // And what comes next goes well.
        Assert.Equal([5, 2, 4], lstm.call(zeros(5, 2, 3)).Item1.shape);
    }

    private static List<string> Results()
    {
        List<string> lines = [];
        foreach (var (name, run) in Cases)
        {
            using var scope = NewDisposeScope();
            manual_seed(11);
            lines.AddRange(run().Select((result, index) => $"{name} {index}: {Written(result)}"));
        }

        return lines;
    }

    private static string Written(Tensor tensor)
    {
        var numbers = tensor
            .detach()
            .to(ScalarType.Float64)
            .flatten()
            .data<double>()
            .Select(number => number.ToString("R", CultureInfo.InvariantCulture));
        return string.Join(Separator, [$"{tensor.dtype} {string.Join(", ", tensor.shape)}", .. numbers]);
    }

    private static Tensor Some(params long[] sizes) => randn(sizes);

    private static Tensor Mask(params long[] sizes) => randn(sizes) > 0;

    private static IEnumerable<Tensor> Learned(nn.Module<Tensor, Tensor> layer, Tensor input)
    {
        var output = layer.call(input);
        return [output, .. Gradients(layer, output)];
    }

    private static IEnumerable<Tensor> Gradients(RNN layer, Tensor input)
    {
        var (output, hidden) = layer.call(input);
        return [output, hidden, .. Gradients((nn.Module)layer, output)];
    }

    private static IEnumerable<Tensor> Gradients(nn.Module layer, Tensor output)
    {
        output.square().sum().backward();
        return layer.parameters().Select(parameter => parameter.grad!);
    }

    private static string? Problem() => DispatcherBindings.Problem((library, symbol) => TorchLibrary.Export(library, symbol) != 0);
}
