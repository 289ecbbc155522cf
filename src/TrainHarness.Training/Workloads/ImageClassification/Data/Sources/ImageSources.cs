using TrainHarness.Files;
using TrainHarness.Training.Workloads.ImageClassification.Data.Layouts;
using TrainHarness.Training.Workloads.ImageClassification.Data.Trees;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Sources;

/// <summary>From a path to the images that lie there: what lies there decides how they are read, and no name of it.</summary>
internal static class ImageSources
{
    /// <exception cref="ConfigurationException">Nothing is there, or nothing that is read.</exception>
    public static IExampleSource Open(string path)
    {
        var tree = FileTrees.Open(path);
        try
        {
            return tree is not FolderTree folder ? new ImageTree(tree)
                : WebDatasetShards.At(folder) is { } shards ? shards
                : new ImageTree(ArchivedSplits.Of(folder));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or UndecodableImageException)
        {
            throw new ConfigurationException($"{tree.Place}: cannot be read: {e.Message}", e);
        }
    }
}
