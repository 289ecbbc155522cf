using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using TrainHarness.Protocol;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Data.Packs;

/// <summary>Downloads from a server on this machine, which can be told to misbehave.</summary>
public sealed class DatasetDownloadTests : IDisposable
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 31 % 251))];

    private readonly string cache = Directory.CreateTempSubdirectory("trainharness-download-").FullName;
    private readonly HttpListener server = new();
    private readonly List<string?> ranges = [];
    private readonly Uri address;

    // What a request is answered with; the last answer stays.
    private readonly Queue<Func<HttpListenerContext, Task>> answers = new();

    public DatasetDownloadTests()
    {
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            address = new Uri($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/data/set.tgz");
        }

        server.Prefixes.Add($"http://127.0.0.1:{address.Port}/");
        server.Start();
        _ = Serve();
    }

    public void Dispose()
    {
        server.Close();
        Directory.Delete(cache, recursive: true);
    }

    [Fact]
    public async Task A_file_is_fetched_checked_and_not_fetched_again()
    {
        answers.Enqueue(Whole);
        var file = await Fetch();
        Assert.Equal(Content, File.ReadAllBytes(file));
        Assert.Equal("set.tgz", Path.GetFileName(file));
        Assert.Equal(file, await Fetch());
        Assert.Single(ranges);
        Assert.Equal([file], Directory.GetFiles(cache, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_connection_that_breaks_is_taken_up_where_it_broke()
    {
        answers.Enqueue(context => Broken(context, 100_000));
        answers.Enqueue(Rest);
        Assert.Equal(Content, File.ReadAllBytes(await Fetch()));
        Assert.Equal([null, "bytes=100000-"], ranges);
    }

    [Fact]
    public async Task An_interrupted_download_goes_on_in_the_next_run()
    {
        answers.Enqueue(context => Broken(context, 50_000));
        answers.Enqueue(context => Broken(context, 0));
        var error = await Assert.ThrowsAsync<IOException>(() => Fetch());
        Assert.Contains("50000 of 300000 bytes are here", error.Message, StringComparison.Ordinal);
        Assert.Contains("Run the same command again to go on.", error.Message, StringComparison.Ordinal);
        answers.Clear();
        answers.Enqueue(Rest);
        Assert.Equal(Content, File.ReadAllBytes(await Fetch()));
        Assert.Equal("bytes=50000-", ranges[^1]);
    }

    [Fact]
    public async Task A_disk_that_is_full_is_said_at_once_and_the_next_run_fetches_the_file()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs a file that is always full");
        answers.Enqueue(Whole);
        var partial = await Fetch() + ".part";
        File.Move(partial[..^5], partial[..^5] + ".away");
        File.CreateSymbolicLink(partial, "/dev/full");
        var error = await Assert.ThrowsAsync<IOException>(() => Fetch());
        Assert.Equal($"{partial}: the disk is full; make room and run the same command again.", error.Message);
        Assert.False(File.Exists(partial[..^5]));
        File.Delete(partial);
        Assert.Equal(Content, File.ReadAllBytes(await Fetch()));
    }

    [Fact]
    public async Task Whatever_goes_wrong_with_any_write_is_one_line_and_the_next_run_fetches_the_file()
    {
        answers.Enqueue(context => context.Request.Headers["Range"] is null ? Whole(context) : Rest(context));
        foreach (var fault in Enum.GetValues<Fault>())
        {
            // How many there are is up to the network, but at least three.
            for (var write = 0; write < 3; write++)
            {
                using (new FaultyDisk(failing: 0, fault, write))
                {
                    var error = await Assert.ThrowsAnyAsync<Exception>(Fetch);
                    Assert.True(error is IOException or UnauthorizedAccessException, error.ToString());
                    // What was cut short shows in the checksum.
                    Assert.Contains(
                        fault == Fault.ShortWrite ? "what was fetched is thrown away" : FaultyDisk.Words(fault),
                        error.Message,
                        StringComparison.Ordinal
                    );
                }

                var file = await Fetch();
                Assert.Equal(Content, File.ReadAllBytes(file));
                Assert.Equal([file], Directory.GetFiles(cache, "*", SearchOption.AllDirectories));
                File.Delete(file);
            }
        }
    }

    [Fact]
    public async Task A_server_that_cannot_go_on_is_read_from_the_beginning()
    {
        answers.Enqueue(context => Broken(context, 1000));
        answers.Enqueue(Whole);
        Assert.Equal(Content, File.ReadAllBytes(await Fetch()));
    }

    [Fact]
    public async Task A_wrong_checksum_is_said_and_the_file_thrown_away()
    {
        answers.Enqueue(Whole);
        var error = await Assert.ThrowsAsync<IOException>(() => Fetch(new Checksum(ChecksumKind.Sha256, new string('0', 64))));
        Assert.Contains("its SHA256 is ", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, new FileInfo(Assert.Single(Directory.GetFiles(cache, "*", SearchOption.AllDirectories))).Length);
        Assert.Equal(Content, File.ReadAllBytes(await Fetch()));
    }

    [Theory]
    [InlineData(ChecksumKind.Md5)]
    [InlineData(ChecksumKind.Md5OfFirstMebibyte)]
    public async Task Checksums_of_other_kinds_are_compared_too(ChecksumKind kind)
    {
        answers.Enqueue(Whole);
#pragma warning disable CA5351 // Publishers give MD5.
        var digits = Convert.ToHexStringLower(MD5.HashData(Content));
#pragma warning restore CA5351
        Assert.Equal(Content, File.ReadAllBytes(await Fetch(new Checksum(kind, digits))));
    }

    [Fact]
    public async Task A_server_that_sends_too_much_or_does_not_have_the_file_is_an_error_of_one_line()
    {
        answers.Enqueue(context => Send(context, [.. Content, 1], HttpStatusCode.OK));
        Assert.Contains(
            "sends more than 300000 bytes",
            (await Assert.ThrowsAsync<IOException>(() => Fetch())).Message,
            StringComparison.Ordinal
        );
        answers.Clear();
        answers.Enqueue(context => Send(context, [], HttpStatusCode.NotFound));
        Assert.Contains("the server answers 404", (await Assert.ThrowsAsync<IOException>(() => Fetch())).Message, StringComparison.Ordinal);
    }

    private Task<string> Fetch() => Fetch(null);

    private Task<string> Fetch(Checksum? checksum) =>
        DatasetDownload.Fetch(
            new DownloadDescription(
                address,
                Content.Length,
                checksum ?? new Checksum(ChecksumKind.Sha256, Convert.ToHexStringLower(SHA256.HashData(Content)))
            ),
            cache,
            TimeSpan.FromMilliseconds(1),
            progress: null,
            TestContext.Current.CancellationToken
        );

    private async Task Serve()
    {
        while (server.IsListening)
        {
            try
            {
                var context = await server.GetContextAsync();
                ranges.Add(context.Request.Headers["Range"]);
                await (answers.Count > 1 ? answers.Dequeue() : answers.Peek())(context);
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                // The test is over, or the client went away.
            }
        }
    }

    private static Task Whole(HttpListenerContext context) => Send(context, Content, HttpStatusCode.OK);

    private static Task Rest(HttpListenerContext context)
    {
        var from = int.Parse(context.Request.Headers["Range"]!["bytes=".Length..^1], System.Globalization.CultureInfo.InvariantCulture);
        context.Response.AddHeader("Content-Range", $"bytes {from}-{Content.Length - 1}/{Content.Length}");
        return Send(context, Content[from..], HttpStatusCode.PartialContent);
    }

    private static async Task Send(HttpListenerContext context, byte[] body, HttpStatusCode status)
    {
        context.Response.StatusCode = (int)status;
        context.Response.ContentLength64 = body.Length;
        await context.Response.OutputStream.WriteAsync(body);
        context.Response.Close();
    }

    // Promises the rest and closes the connection after some of it.
    private static async Task Broken(HttpListenerContext context, int bytes)
    {
        if (context.Request.Headers["Range"] is { } range)
        {
            var from = int.Parse(range["bytes=".Length..^1], System.Globalization.CultureInfo.InvariantCulture);
            context.Response.StatusCode = (int)HttpStatusCode.PartialContent;
            context.Response.AddHeader("Content-Range", $"bytes {from}-{Content.Length - 1}/{Content.Length}");
            context.Response.ContentLength64 = Content.Length - from;
        }
        else
        {
            context.Response.ContentLength64 = Content.Length;
        }

        await context.Response.OutputStream.WriteAsync(Content.AsMemory(0, bytes));
        await context.Response.OutputStream.FlushAsync();
        context.Response.Abort();
    }
}
