namespace TrainHarness.Protocol;

/// <summary>The cluster file that a user names: a file, or the name of one in a configs folder.</summary>
public static class ClusterFile
{
    /// <param name="given">A path, or a name.</param>
    /// <exception cref="Files.ConfigurationException">There is neither, or a folder stands there.</exception>
    public static string Find(string given) => NamedFile.Find("clusters", "cluster", given);
}
