namespace TrainHarness.Files;

/// <summary>A results folder of somebody else may lead elsewhere: nothing is written behind a link in it.</summary>
internal static class OwnFolders
{
    /// <param name="below">Names of folders, each in the one before it; they need not be there.</param>
    /// <exception cref="ConfigurationException">One of them is a link.</exception>
    public static void Require(string folder, IEnumerable<string> below)
    {
        foreach (var name in below)
        {
            folder = Path.Combine(folder, name);
            if (new DirectoryInfo(folder).LinkTarget is { } elsewhere)
                throw new ConfigurationException($"{folder}: a link to {elsewhere}; allowed: a folder of its own.");
        }
    }
}
