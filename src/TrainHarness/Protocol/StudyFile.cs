namespace TrainHarness.Protocol;

/// <summary>
/// The study that a user names: by a file, or by the name of one in a configs folder, such as those that came with the program.
/// </summary>
public static class StudyFile
{
    /// <summary>A file of that name in the current folder comes before a study of that name.</summary>
    /// <param name="given">A path, or a name: <c>quickstart</c>.</param>
    /// <exception cref="Files.ConfigurationException">There is neither, or a folder stands there.</exception>
    public static string Find(string given) => NamedFile.Find("studies", "study", given);
}
