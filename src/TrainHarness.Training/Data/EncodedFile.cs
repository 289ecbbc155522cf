namespace TrainHarness.Training.Data;

/// <summary>The bytes of an image file.</summary>
internal static class EncodedFile
{
    /// <summary>Links to files are followed; what has no length, such as a pipe or a device, is not opened.</summary>
    /// <exception cref="UndecodableImageException">Empty, larger than an image may be, or no file.</exception>
    public static byte[] Read(string path)
    {
        var file = new FileInfo(path);
        if (file.ResolveLinkTarget(returnFinalTarget: true) is { } target)
            file = target as FileInfo ?? throw new UndecodableImageException("it is a link to a folder");
        // Opening a pipe waits for its other end, and a device never ends; both have no length.
        if (!file.Exists || file.Length == 0)
            throw new UndecodableImageException("the file is empty");
        if (file.Length > ImageLayout.LargestImageBytes)
            throw new UndecodableImageException($"{file.Length} bytes are more than {ImageLayout.LargestImageBytes}");
        byte[] bytes = new byte[file.Length];
        using var stream = file.OpenRead();
        stream.ReadExactly(bytes);
        return bytes;
    }
}
