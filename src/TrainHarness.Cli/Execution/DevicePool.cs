using System.Threading.Channels;

namespace TrainHarness.Cli.Execution;

/// <summary>The devices of a study run, one for each trial at a time. One that no longer answers is taken out.</summary>
/// <param name="devices">A device that several trials may share stands there several times.</param>
/// <param name="answers">Whether a device still computes.</param>
internal sealed class DevicePool(IReadOnlyList<string> devices, Func<string, Task<bool>> answers)
{
    private readonly Channel<string> free = Filled(devices);
    private readonly Lock gate = new();
    private readonly HashSet<string> lost = [];
    private int left = devices.Count;

    /// <summary>Waits for a device that nobody uses; null where none is left.</summary>
    public async Task<string?> Take(CancellationToken cancellation)
    {
        while (await free.Reader.WaitToReadAsync(cancellation))
        {
            if (free.Reader.TryRead(out var device) && !IsOut(device))
                return device;
        }

        return null;
    }

    public void GiveBack(string device)
    {
        if (!IsOut(device))
            free.Writer.TryWrite(device);
    }

    /// <summary>Asks a device whose trial has failed, and gives it to nobody any more where it does not answer.</summary>
    /// <returns>Whether it is lost.</returns>
    public async Task<bool> IsLost(string device)
    {
        // A processor is where this runs.
        if (device == "cpu" || await answers(device))
            return false;
        lock (gate)
            lost.Add(device);
        return true;
    }

    /// <summary>Whether it is lost; each of its places then is gone when it is seen here.</summary>
    private bool IsOut(string device)
    {
        lock (gate)
        {
            if (!lost.Contains(device))
                return false;
            if (--left == 0)
                free.Writer.TryComplete();
            return true;
        }
    }

    private static Channel<string> Filled(IReadOnlyList<string> devices)
    {
        var channel = Channel.CreateUnbounded<string>();
        foreach (var device in devices)
            channel.Writer.TryWrite(device);
        return channel;
    }
}
