using TrainHarness.Protocol;

namespace TrainHarness.Training;

/// <summary>This user's folder for what can be made again: packed datasets and the cured native library.</summary>
public static class CacheFolder
{
    public const string Variable = "TRAINHARNESS_CACHE";

    /// <summary>
    /// What TRAINHARNESS_CACHE names, or else a folder of this user's application data
    /// (<c>~/.local/share/TrainHarness</c>, XDG_DATA_HOME, <c>%LOCALAPPDATA%\TrainHarness</c>).
    /// </summary>
    /// <exception cref="ConfigurationException">The user has no such folder.</exception>
    public static string Root
    {
        get
        {
            if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
                return Path.GetFullPath(named);
            var data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
            return data.Length > 0
                ? Path.Combine(data, "TrainHarness")
                : throw new ConfigurationException($"There is no cache folder, because this user has no home folder; allowed: name one in {Variable}.");
        }
    }
}
