using TrainHarness.Files;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Trees;

/// <summary>From a path to the tree that lies there.</summary>
internal static class FileTrees
{
    public const string Allowed = "allowed: a folder, or a tar, tar.gz or zip archive";

    /// <exception cref="ConfigurationException">Nothing is there, or no folder and no archive that is read.</exception>
    public static IFileTree Open(string path)
    {
        var place = Path.GetFullPath(path);
        try
        {
            if (Directory.Exists(place))
                return new FolderTree(place);
            if (EncodedFile.IsBrokenLink(place))
                throw new ConfigurationException($"{place}: is a link to {new FileInfo(place).LinkTarget}, which is not there; {Allowed}");
            if (!File.Exists(place))
                throw new ConfigurationException($"{place}: no such file or folder; {Allowed}");
            return FileKind.Of(place) switch
            {
                var kind when kind == FileKind.Tar => new TarTree(place, isCompressed: false),
                var kind when kind == FileKind.CompressedTar => new TarTree(place, isCompressed: true),
                var kind when kind == FileKind.Zip => new ZipTree(place),
                var kind => throw new ConfigurationException($"{place}: is {kind.Words}; {Allowed}"),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{place}: cannot be read: {e.Message}", e);
        }
    }
}
