using TrainHarness.Protocol;

namespace TrainHarness.Cli.Execution;

/// <summary>Held while a trial runs, so that two processes never write the same results. The system frees it when the process ends, however it ends.</summary>
internal static class TrialLock
{
    private const string Name = "trial.lock";

    public static bool IsHeld(string trialFolder)
    {
        var file = Path.Combine(trialFolder, Name);
        if (!File.Exists(file))
            return false;
        try
        {
            using var probe = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <exception cref="ConfigurationException">Another process holds it.</exception>
    public static FileStream Take(string trialFolder)
    {
        Directory.CreateDirectory(trialFolder);
        var file = Path.Combine(trialFolder, Name);
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException error) when (File.Exists(file))
        {
            throw new ConfigurationException($"{trialFolder}: another process is running this trial; wait for it, or stop it.", error);
        }
    }
}
