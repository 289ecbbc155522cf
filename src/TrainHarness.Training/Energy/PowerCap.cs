using System.Globalization;
using System.Text.RegularExpressions;

namespace TrainHarness.Training.Energy;

/// <summary>
/// The energy counters of Intel's and AMD's processors (RAPL) as Linux shows them: Documentation/power/powercap/powercap.rst. Only a
/// processor's whole package counts; its parts are in it.
/// </summary>
internal static partial class PowerCap
{
    private const double Microjoules = 1e6;

    /// <param name="folder"><c>/sys/class/powercap</c>.</param>
    public static (EnergyCounter? Counter, string Found) Find(string folder)
    {
        if (!Directory.Exists(folder))
            return (null, $"not measured: no {folder}");
        string[] zones =
        [
            .. Directory
                .EnumerateFileSystemEntries(folder)
                .Where(zone => Package().IsMatch(Path.GetFileName(zone)) && IsPackage(zone))
                .Order(StringComparer.Ordinal),
        ];
        if (zones.Length == 0)
            return (null, $"not measured: no processor package in {folder}");
        List<EnergyDomain> domains = [];
        foreach (var zone in zones)
        {
            var energy = Path.Combine(zone, "energy_uj");
            var range = Read(Path.Combine(zone, "max_energy_range_uj"));
            if (range is not > 0 || Read(energy) is null)
                return (null, $"not measured: {energy} may not be read by this user");
            domains.Add(new EnergyDomain(() => Read(energy), range));
        }

        var packages =
            zones.Length == 1 ? "1 processor package" : string.Create(CultureInfo.InvariantCulture, $"{zones.Length} processor packages");
        return (new EnergyCounter($"rapl: {packages}, all that the machine runs", domains), packages);
    }

    private static bool IsPackage(string zone) =>
        Text(Path.Combine(zone, "name"))?.StartsWith("package-", StringComparison.Ordinal) ?? false;

    private static double? Read(string file) =>
        ulong.TryParse(Text(file), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value / Microjoules : null;

    private static string? Text(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Linux lets only root read them since 2020, unless told otherwise.
            return null;
        }
    }

    [GeneratedRegex("^intel-rapl:[0-9]+$")]
    private static partial Regex Package();
}
