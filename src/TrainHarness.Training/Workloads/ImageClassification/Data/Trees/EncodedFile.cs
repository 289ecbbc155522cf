namespace TrainHarness.Training.Workloads.ImageClassification.Data.Trees;

/// <summary>
/// The bytes of an image file. Links to files are followed; what has no length, such as a pipe or a device, is not opened.
/// </summary>
internal static class EncodedFile
{
    /// <exception cref="UndecodableImageException">Empty, larger than an image may be, or no file.</exception>
    public static byte[] Read(string path)
    {
        var file = Regular(path) ?? throw new UndecodableImageException("the file is empty");
        if (file.Length > ImageLayout.LargestImageBytes)
            throw new UndecodableImageException($"{file.Length} bytes are more than {ImageLayout.LargestImageBytes}");
        var bytes = new byte[file.Length];
        using var stream = file.OpenRead();
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>What its first bytes say.</summary>
    public static ImageKind Look(string path)
    {
        if (Regular(path) is not { } file)
            return ImageKind.Empty;
        Span<byte> start = stackalloc byte[ImageKinds.LookedAt];
        using var stream = file.OpenRead();
        return ImageKinds.Of(start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)]);
    }

    /// <summary>
    /// The file, or the one that a link leads to; null where it has no length, as a pipe or a device, which opening would wait for, or is
    /// not there.
    /// </summary>
    /// <exception cref="UndecodableImageException">A link to a folder.</exception>
    public static FileInfo? Regular(string path)
    {
        var file = new FileInfo(path);
        if (file.ResolveLinkTarget(returnFinalTarget: true) is { } target)
            file = target as FileInfo ?? throw new UndecodableImageException("it is a link to a folder");
        return file is { Exists: true, Length: > 0 } ? file : null;
    }

    /// <summary>A link to nothing, or in a circle. To ask whether the link itself exists does not show it.</summary>
    public static bool IsBrokenLink(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true) is { Exists: false };
        }
        catch (IOException e)
        {
            return e is not (FileNotFoundException or DirectoryNotFoundException);
        }
    }
}
