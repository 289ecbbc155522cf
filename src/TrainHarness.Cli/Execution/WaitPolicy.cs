using System.Diagnostics;
using System.Globalization;
using TrainHarness.Files;
using TrainHarness.Training.Native.Kernels;

namespace TrainHarness.Cli.Execution;

/// <summary>
/// How the threads of a trial wait for each other on a CPU. libtorch's OpenMP has them spin for a while, which is the shortest wait where
/// each has a processor of its own; where another process wants it too, a thread that spins keeps from working the one that it waits for.
/// </summary>
/// <param name="Passive">Threads leave their processor at once; false has them spin, null leaves it to OpenMP.</param>
/// <param name="Reason">For people.</param>
internal sealed record WaitPolicy(bool? Passive, string Reason)
{
    /// <summary>spin, passive or auto; auto where it is not set.</summary>
    public const string Variable = "TRAINHARNESS_WAIT";

    private const string OpenMpVariable = "OMP_WAIT_POLICY";

    // A quarter of one processor: what a desktop at rest, or an editor that is typed into, stays under.
    private const double Busy = 0.25;

    // Shorter, and the ticks of /proc/stat, ten milliseconds, are too coarse.
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    // Those of GNU's, LLVM's and Intel's OpenMP that decide the same.
    private static readonly string[] OpenMpVariables = [OpenMpVariable, "GOMP_SPINCOUNT", "KMP_BLOCKTIME", "KMP_LIBRARY"];

    // As this process found them: what it sets itself is nobody's wish.
    private static readonly string? UsersAtStart = OpenMpVariables.FirstOrDefault(variable =>
        !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable))
    );

    private static ProcessorTime? since;
    private static long sinceTime;

    /// <summary>Looks at the machine from here on, so that no trial waits for it later.</summary>
    public static void StartLooking() => (since, sinceTime) = (ProcessorTime.Now(), Stopwatch.GetTimestamp());

    /// <summary>What this process has, as in record.json; null where it is left to OpenMP.</summary>
    public static string? OfThisProcess() =>
        Environment.GetEnvironmentVariable(OpenMpVariable)?.ToUpperInvariant() switch
        {
            "PASSIVE" => "wait-passive",
            "ACTIVE" => "wait-spin",
            _ => null,
        };

    /// <summary>What the threads of a trial that starts now should do, by what the machine did since it was asked last.</summary>
    /// <exception cref="ConfigurationException">The user has named something else.</exception>
    public static WaitPolicy Now()
    {
        var wish = Environment.GetEnvironmentVariable(Variable);
        return UsersAtStart is null && string.IsNullOrEmpty(wish) || wish == "auto"
            ? Of(wish, UsersAtStart, BusyWithOthers())
            : Of(wish, UsersAtStart, null);
    }

    /// <param name="wish">Of the user; null or empty is auto.</param>
    /// <param name="openMp">Which of OpenMP's own variables the user has set; null where none.</param>
    /// <param name="others">How many processors other processes keep busy; null where it cannot be told.</param>
    /// <exception cref="ConfigurationException">The wish is not known.</exception>
    internal static WaitPolicy Of(string? wish, string? openMp, double? others)
    {
        Require(wish);
        if (openMp is not null)
            return new WaitPolicy(null, $"as {openMp} says");
        if (wish is "spin" or "passive")
            return new WaitPolicy(wish == "passive", $"as {Variable} says");
        return others is not { } busy ? new WaitPolicy(null, "what else runs here cannot be told")
            : busy > Busy
                ? new WaitPolicy(true, string.Create(CultureInfo.InvariantCulture, $"other processes keep {busy:0.0} processors busy"))
            : new WaitPolicy(null, "the processors are free");
    }

    /// <summary>Refuses a wish that is not known, before anything is written.</summary>
    /// <exception cref="ConfigurationException">It is not.</exception>
    public static void Require() => Require(Environment.GetEnvironmentVariable(Variable));

    private static void Require(string? wish)
    {
        if (wish is not (null or "" or "auto" or "spin" or "passive"))
            throw new ConfigurationException($"{Variable}: '{wish}' is not known; allowed: spin, passive, auto.");
    }

    /// <summary>For people.</summary>
    public string Words =>
        $"threads of a trial wait {(Passive switch { true => "passively", false => "spinning", null => "as OpenMP has them" })}: {Reason}";

    /// <summary>Sets what a process is to start with.</summary>
    public void Choose(IDictionary<string, string?> environment)
    {
        if (Value is { } value)
            environment[OpenMpVariable] = value;
    }

    /// <summary>The same for this process, before libtorch is loaded.</summary>
    public void ChooseHere()
    {
        if (Value is { } value)
            NativeEnvironment.Set(OpenMpVariable, value);
    }

    private string? Value =>
        Passive switch
        {
            true => "passive",
            false => "active",
            null => null,
        };

    private static double? BusyWithOthers()
    {
        if (since is null)
            StartLooking();
        if (since is not { } before)
            return null;
        var left = Look - Stopwatch.GetElapsedTime(sinceTime);
        if (left > TimeSpan.Zero)
            Thread.Sleep(left);
        StartLooking();
        return since?.BusyWithOthersSince(before);
    }
}
