using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using TrainHarness.Cli.Tests.Clusters;

[assembly: AssemblyFixture(typeof(PretendCluster))]

namespace TrainHarness.Cli.Tests.Clusters;

/// <summary>
/// A real Slurm on this machine alone: its controller and two nodes of two pretend GPUs each, with a munge of their own, under a
/// temporary folder.
/// It starts with the first test that asks for it.
/// </summary>
public sealed class PretendCluster : IDisposable
{
    private static readonly string[] Programs =
    [
        "/usr/sbin/slurmctld",
        "/usr/sbin/slurmd",
        "/usr/sbin/munged",
        "/usr/bin/sbatch",
        "/usr/bin/mknod",
    ];

    private readonly Lazy<string> root;

    public PretendCluster() => root = new Lazy<string>(Start);

    /// <summary>Why there can be none here; null where there can.</summary>
    public static string? Missing =>
        !OperatingSystem.IsLinux() ? "Slurm runs on Linux"
        : Environment.UserName != "root" ? "the daemons of Slurm need root"
        : Programs.FirstOrDefault(program => !File.Exists(program)) is { } program
            ? $"{program} is not installed (Debian: slurm-wlm, munge)"
        : null;

    /// <summary>What a process needs to find it.</summary>
    public (string Name, string Value) Variable => ("SLURM_CONF", Configuration);

    private string Configuration => Path.Combine(root.Value, "slurm.conf");

    /// <summary>Runs one of Slurm's commands.</summary>
    /// <returns>What it says.</returns>
    public string Run(string program, params IEnumerable<string> arguments)
    {
        var (status, output, error) = TryRun(Configuration, program, arguments);
        return status == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {error}");
    }

    /// <summary>One field of what scontrol shows of a job, such as <c>JobState</c>; empty where there is none.</summary>
    public string Field(string job, string name)
    {
        var shown = TryRun(Configuration, "scontrol", ["show", "job", job, "--oneliner"]).Output;
        var field = shown.Split(' ').FirstOrDefault(field => field.StartsWith(name + "=", StringComparison.Ordinal));
        return field is null ? "" : field[(name.Length + 1)..].Trim();
    }

    /// <summary>Has a job that was requeued start now, and not after the two minutes that Slurm lets it wait.</summary>
    public void Hurry(string job) => TryRun(Configuration, "scontrol", ["update", $"JobId={job}", "StartTime=now"]);

    /// <summary>Has a node be lost: its daemon is gone.</summary>
    /// <param name="withItsJobs">Whether what ran there is gone too, as when the machine has died. Otherwise it goes on, and nobody sees
    /// it.</param>
    public void Lose(string node, bool withItsJobs)
    {
        Kill(int.Parse(File.ReadAllText(Path.Combine(root.Value, $"slurmd-{node}.pid")), CultureInfo.InvariantCulture));
        if (!withItsJobs)
            return;
        // The step daemons first, so that nobody reports how the jobs ended.
        var jobs = ProcessesOf(node);
        foreach (var parent in jobs.Select(ParentOf).Distinct().Where(parent => parent is not null && NameOf(parent.Value) == "slurmstepd"))
            Kill(parent!.Value);
        foreach (var job in jobs)
            Kill(job);
    }

    /// <summary>Brings a node back.</summary>
    public void Restore(string node) => Run("slurmd", "-N", node);

    public void Dispose()
    {
        if (!root.IsValueCreated)
            return;
        foreach (var node in (string[])["n1", "n2"])
        {
            foreach (var process in ProcessesOf(node))
                Kill(process);
        }

        foreach (var daemon in (string[])["slurmd-n1", "slurmd-n2", "slurmctld", "munged"])
        {
            if (
                File.Exists(Path.Combine(root.Value, $"{daemon}.pid"))
                && int.TryParse(File.ReadAllText(Path.Combine(root.Value, $"{daemon}.pid")), out var process)
            )
                Kill(process);
        }

        Directory.Delete(root.Value, recursive: true);
    }

    private static string Start()
    {
        var folder = Directory.CreateTempSubdirectory("trainharness-slurm-").FullName;
        var configuration = Path.Combine(folder, "slurm.conf");
        foreach (var name in (string[])["state", "spool/n1", "spool/n2", "dev"])
            Directory.CreateDirectory(Path.Combine(folder, name));
        // Any device will do: nothing opens it.
        foreach (var gpu in (string[])["nvidia0", "nvidia1"])
            Require(TryRun(configuration, "mknod", [Path.Combine(folder, "dev", gpu), "c", "1", "3"]));
        var ports = FreePorts(4);
        File.WriteAllText(configuration, Settings(folder, ports));
        File.WriteAllText(
            Path.Combine(folder, "gres.conf"),
            $"AutoDetect=off\nNodeName=n[1-2] Name=gpu Type=fake File={folder}/dev/nvidia[0-1]\n"
        );
        File.WriteAllBytes(Path.Combine(folder, "munge.key"), [.. Enumerable.Range(0, 128).Select(index => (byte)Random.Shared.Next(256))]);
        Require(TryRun(configuration, "chmod", ["400", Path.Combine(folder, "munge.key")]));
        Require(
            TryRun(
                configuration,
                "/usr/sbin/munged",
                [
                    "--force",
                    $"--key-file={folder}/munge.key",
                    $"--socket={folder}/munge.socket",
                    $"--pid-file={folder}/munged.pid",
                    $"--log-file={folder}/munged.log",
                    $"--seed-file={folder}/munged.seed",
                    "--num-threads=2",
                ]
            )
        );
        Require(TryRun(configuration, "/usr/sbin/slurmctld", ["-c"]));
        foreach (var node in (string[])["n1", "n2"])
            Require(TryRun(configuration, "/usr/sbin/slurmd", ["-N", node]));
        for (
            var wait = 0;
            TryRun(configuration, "sinfo", ["--noheader", "--Node", "--format=%T"]).Output.Split('\n').Count(state => state == "idle") < 2;
            wait++
        )
        {
            Assert.True(wait < 300, $"The nodes do not come up: {File.ReadAllText(Path.Combine(folder, "slurmctld.log"))}");
            Thread.Sleep(100);
        }

        return folder;
    }

    private static string Settings(string folder, List<int> ports) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"""
            ClusterName=tests
            SlurmctldHost=localhost(127.0.0.1)
            SlurmctldPort={ports[0]}
            SlurmdPort={ports[1]}
            SlurmUser=root
            SlurmdUser=root
            SlurmdParameters=config_overrides
            AuthType=auth/munge
            AuthInfo=socket={folder}/munge.socket
            CredType=cred/munge
            CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
            StateSaveLocation={folder}/state
            SlurmdSpoolDir={folder}/spool/%n
            SlurmctldPidFile={folder}/slurmctld.pid
            SlurmdPidFile={folder}/slurmd-%n.pid
            SlurmctldLogFile={folder}/slurmctld.log
            SlurmdLogFile={folder}/slurmd-%n.log
            ProctrackType=proctrack/linuxproc
            TaskPlugin=task/none
            MpiDefault=none
            SwitchType=switch/none
            JobAcctGatherType=jobacct_gather/none
            AccountingStorageType=accounting_storage/none
            JobCompType=jobcomp/none
            SchedulerType=sched/backfill
            SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=0,sched_min_interval=0
            SelectType=select/cons_tres
            SelectTypeParameters=CR_Core_Memory
            GresTypes=gpu
            SlurmctldTimeout=30
            SlurmdTimeout=5
            ReturnToService=2
            JobRequeue=1
            KillWait=10
            MinJobAge=3600
            InactiveLimit=0
            TCPTimeout=5
            HealthCheckInterval=0
            PropagateResourceLimits=NONE
            NodeName=n1 NodeHostname=localhost NodeAddr=127.0.0.1 Port={ports[
                2
            ]} CPUs=4 Boards=1 SocketsPerBoard=1 CoresPerSocket=4 ThreadsPerCore=1 RealMemory=4000 Gres=gpu:fake:2
            NodeName=n2 NodeHostname=localhost NodeAddr=127.0.0.1 Port={ports[
                3
            ]} CPUs=4 Boards=1 SocketsPerBoard=1 CoresPerSocket=4 ThreadsPerCore=1 RealMemory=4000 Gres=gpu:fake:2
            PartitionName=gpu Nodes=ALL Default=YES MaxTime=INFINITE OverSubscribe=NO State=UP

            """
        );

    private static List<int> FreePorts(int count)
    {
        List<TcpListener> listeners = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        listeners.ForEach(listener => listener.Start());
        List<int> ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        listeners.ForEach(listener => listener.Stop());
        return ports;
    }

    private static void Require((int Status, string Output, string Error) answer) =>
        Assert.True(answer.Status == 0, $"{answer.Output}{answer.Error}");

    private static (int Status, string Output, string Error) TryRun(string configuration, string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["SLURM_CONF"] = configuration;
        // A daemon would hand them on to every job.
        start.Environment.Remove("LD_PRELOAD");
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }

    // Of this cluster alone.
    private List<int> ProcessesOf(string node) =>
        [
            .. Directory
                .EnumerateDirectories("/proc")
                .Select(folder => Path.GetFileName(folder))
                .Where(name => name.All(char.IsAsciiDigit))
                .Select(int.Parse)
                .Where(process =>
                    EnvironmentOf(process) is var variables
                    && variables.Contains($"SLURMD_NODENAME={node}")
                    && variables.Contains($"SLURM_CONF={Configuration}")
                ),
        ];

    private static string[] EnvironmentOf(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/environ").Split('\0');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static int? ParentOf(int process)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{process}/stat");
            return int.Parse(text[(text.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static string NameOf(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/comm").Trim();
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static void Kill(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            found.Kill();
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            // It is gone.
        }
    }
}
