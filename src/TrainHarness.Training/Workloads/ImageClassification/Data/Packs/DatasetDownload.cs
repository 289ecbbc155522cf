using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

/// <summary>How far a download is, in bytes.</summary>
public sealed record DownloadProgress(long Done, long Total);

/// <summary>
/// Fetches the archive of a dataset once, into the cache. What was fetched before a connection broke is kept and continued.
/// </summary>
public static class DatasetDownload
{
    private const int Attempts = 5;
    private const int ChunkBytes = 1 << 17;
    private const int Mebibyte = 1 << 20;
    private const int ChecksumDigits = 16;
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    /// <summary>Where the whole file is to lie. It only ever lies there with the right checksum.</summary>
    /// <remarks>In a folder of its checksum: two datasets may use one name, and a changed checksum asks for another file.</remarks>
    public static string FileOf(DownloadDescription download, string cacheFolder) =>
        Path.Combine(cacheFolder, "downloads", download.Checksum.Digits[..ChecksumDigits], download.FileName);

    /// <summary>The whole file, where it is there.</summary>
    public static string? FindFile(DownloadDescription download, string cacheFolder)
    {
        var file = new FileInfo(FileOf(download, cacheFolder));
        return file.Exists && file.Length == download.Bytes ? file.FullName : null;
    }

    /// <returns>The path of the file; at once where it is there already.</returns>
    /// <param name="pause">Time before a broken connection is tried again; it doubles every time.</param>
    /// <exception cref="IOException">
    /// The server does not have it, the connection keeps breaking, or the checksum is wrong; a wrong file is removed.
    /// </exception>
    public static async Task<string> Fetch(
        DownloadDescription download,
        string cacheFolder,
        TimeSpan pause,
        IProgress<DownloadProgress>? progress,
        CancellationToken cancellation
    )
    {
        var file = FileOf(download, cacheFolder);
        if (FindFile(download, cacheFolder) is { } there)
            return there;
        CacheFolder.RequireWritable(Path.GetDirectoryName(file)!);
        var partial = file + ".part";
        try
        {
            await FetchAlone(download, partial, pause, progress, cancellation);
        }
        catch (Exception error) when (WriteFailure.Named(partial, error) is { } named)
        {
            throw named;
        }

        File.Move(partial, file, overwrite: true);
        return file;
    }

    private static async Task FetchAlone(
        DownloadDescription download,
        string partial,
        TimeSpan pause,
        IProgress<DownloadProgress>? progress,
        CancellationToken cancellation
    )
    {
        using var stream = OpenAlone(partial);
        await FetchRest(download, stream, pause, progress, cancellation);
        var digits = await Digits(download.Checksum.Kind, stream, cancellation);
        if (digits != download.Checksum.Digits)
        {
            stream.SetLength(0);
            throw new IOException(
                $"{download.Address}: its {download.Checksum.Kind.ToString().ToUpperInvariant()} is {digits}, not "
                    + $"{download.Checksum.Digits}; what was fetched is thrown away"
            );
        }

        stream.FlushToDisk();
    }

    private static Stream OpenAlone(string partial)
    {
        try
        {
            return WritableFile.Open(
                partial,
                new FileStreamOptions
                {
                    Mode = FileMode.OpenOrCreate,
                    Access = FileAccess.ReadWrite,
                    Share = FileShare.None,
                }
            );
        }
        catch (IOException error) when (File.Exists(partial))
        {
            throw new IOException($"{partial}: another process is fetching this file; wait for it, or stop it", error);
        }
    }

    private static async Task FetchRest(
        DownloadDescription download,
        Stream stream,
        TimeSpan pause,
        IProgress<DownloadProgress>? progress,
        CancellationToken cancellation
    )
    {
        using var client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        for (var attempt = 1; stream.Length != download.Bytes; attempt++)
        {
            try
            {
                await FetchOnce(client, download, stream, progress, cancellation);
            }
            catch (Exception error) when (error is HttpRequestException { StatusCode: null } or HttpIOException or TimeoutException)
            {
                if (attempt == Attempts)
                    throw new IOException(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{download.Address}: {stream.Length} of {download.Bytes} bytes are here, then: {error.Message} Run the "
                                + $"same command again to go on."
                        ),
                        error
                    );
                await Task.Delay(pause * Math.Pow(2, attempt - 1), cancellation);
            }
        }
    }

    private static async Task FetchOnce(
        HttpClient client,
        DownloadDescription download,
        Stream stream,
        IProgress<DownloadProgress>? progress,
        CancellationToken cancellation
    )
    {
        if (stream.Length > download.Bytes)
            stream.SetLength(0);
        using var request = new HttpRequestMessage(HttpMethod.Get, download.Address);
        if (stream.Length > 0)
            request.Headers.Range = new RangeHeaderValue(stream.Length, null);
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        silence.CancelAfter(Silence);
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, silence.Token);
            if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.PartialContent))
                throw new IOException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{download.Address}: the server answers {(int)response.StatusCode} {response.ReasonPhrase}"
                    )
                );
            // A server that does not go on where it was asked to starts from the beginning.
            if (
                stream.Length > 0
                && (response.StatusCode == HttpStatusCode.OK || response.Content.Headers.ContentRange?.From != stream.Length)
            )
                stream.SetLength(0);
            if (response.StatusCode == HttpStatusCode.PartialContent && stream.Length == 0)
                throw new HttpIOException(HttpRequestError.InvalidResponse, "the server goes on at another place than it was asked to.");
            await Append(response, download, stream, progress, silence);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"nothing came for {Silence.TotalSeconds} seconds."));
        }
    }

    private static async Task Append(
        HttpResponseMessage response,
        DownloadDescription download,
        Stream stream,
        IProgress<DownloadProgress>? progress,
        CancellationTokenSource silence
    )
    {
        stream.Seek(0, SeekOrigin.End);
        await using var content = await response.Content.ReadAsStreamAsync(silence.Token);
        var chunk = new byte[ChunkBytes];
        for (int read; (read = await Read(content, chunk, silence.Token)) > 0; )
        {
            if (stream.Length + read > download.Bytes)
            {
                stream.SetLength(0);
                throw new IOException(
                    $"{download.Address}: the server sends more than {download.Bytes} bytes; what was fetched is thrown away"
                );
            }

            await stream.WriteAsync(chunk.AsMemory(0, read), silence.Token);
            silence.CancelAfter(Silence);
            progress?.Report(new DownloadProgress(stream.Length, download.Bytes));
        }

        await stream.FlushAsync(silence.Token);
        if (stream.Length < download.Bytes)
            throw new HttpIOException(HttpRequestError.ResponseEnded, "the connection ended early.");
    }

    // A connection that is reset is a plain IOException here; a full disk, when writing, is one too, and is not tried again.
    private static async Task<int> Read(Stream content, byte[] chunk, CancellationToken cancellation)
    {
        try
        {
            return await content.ReadAsync(chunk, cancellation);
        }
        catch (IOException error) when (error is not HttpIOException)
        {
            throw new HttpIOException(HttpRequestError.Unknown, error.Message, error);
        }
    }

    private static async Task<string> Digits(ChecksumKind kind, Stream stream, CancellationToken cancellation)
    {
        stream.Seek(0, SeekOrigin.Begin);
#pragma warning disable CA5351 // MD5 is what some publishers give; it finds a broken download.
        var hash = kind switch
        {
            ChecksumKind.Sha256 => await SHA256.HashDataAsync(stream, cancellation),
            ChecksumKind.Md5 => await MD5.HashDataAsync(stream, cancellation),
            ChecksumKind.Md5OfFirstMebibyte => MD5.HashData(await FirstMebibyte(stream, cancellation)),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
        };
#pragma warning restore CA5351
        return Convert.ToHexStringLower(hash);
    }

    private static async Task<byte[]> FirstMebibyte(Stream stream, CancellationToken cancellation)
    {
        var first = new byte[Math.Min(Mebibyte, stream.Length)];
        await stream.ReadExactlyAsync(first, cancellation);
        return first;
    }
}
