using System.Globalization;
using System.Runtime.InteropServices;
using SkiaSharp;
using TorchSharp;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Reports.Figures;
using TrainHarness.Reports.Wording;
using TrainHarness.Training.Devices;
using TrainHarness.Training.Energy;
using TrainHarness.Training.Kernels;
using TrainHarness.Training.Native;
using TrainHarness.Training.Native.Kernels;
using TrainHarness.Training.Native.Libtorch;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

namespace TrainHarness.Cli.Execution;

/// <summary>How one thing that the program needs is.</summary>
internal enum Health
{
    /// <summary>It works.</summary>
    Good,

    /// <summary>It is not here, and only some studies need it.</summary>
    Absent,

    /// <summary>It works, but less well or less fast than it could.</summary>
    Limited,

    /// <summary>It does not work, and studies will fail.</summary>
    Broken,
}

/// <summary>What was looked at, what was found, and what to do about it; null where there is nothing to do.</summary>
internal sealed record Finding(string What, Health Health, string Found, string? Advice);

/// <summary>Looks at all that a study needs from the machine. Nothing is trained and nothing stays behind.</summary>
internal static class Diagnosis
{
    private const long LittleDisk = 5_000_000_000;
    private const long LittleMemory = 4_000_000_000;

    public static IEnumerable<Finding> Run(string resultsFolder)
    {
        // Loading it decides what the system can be used for.
        var libtorch = Libtorch();
        yield return System();
        yield return Memory();
        yield return libtorch;
        if (libtorch.Health != Health.Broken)
        {
            yield return Device();
            yield return Energy();
            yield return NativePaths();
            yield return Kernels();
        }

        yield return Waiting();

        yield return Driver();
        yield return Cache();
        yield return Folder("results", () => Path.GetFullPath(resultsFolder), "name another folder with --results");
        yield return Decoder();
        yield return Fonts();
        foreach (var dataset in Datasets())
            yield return dataset;
    }

    private static Finding System()
    {
        var found = string.Create(
            CultureInfo.InvariantCulture,
            $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, {RuntimeInformation.FrameworkDescription}, "
                + $"{Environment.ProcessorCount} processors ({Hardware.Processor() ?? "unknown"})"
        );
        return new Finding("system", Health.Good, found, null);
    }

    /// <summary>By which of its kernels oneDNN convolves on the CPU, and why.</summary>
    private static Finding Kernels()
    {
        if (ConvolutionKernels.UsersLimit is { } limit)
        {
            return new Finding(
                "kernels",
                HiddenCaches.AreHere ? Health.Limited : Health.Good,
                $"oneDNN is limited to {limit} by you{(HiddenCaches.AreHere ? $"; {HiddenCaches.Words}" : "")}",
                null
            );
        }

        if (!KernelComparison.IsNeeded)
            return new Finding("kernels", Health.Good, "oneDNN chooses them, as the processor shows its caches", null);
        var known = KernelComparison.Remembered();
        var remembered = known.Count > 0 ? $"; so far: {string.Join("; ", known)}" : "";
        var wish = ConvolutionKernels.Named is { } named ? $", and only {named}, as {ConvolutionKernels.Variable} says" : "";
        return HiddenCaches.AreHere
            ? new Finding(
                "kernels",
                Health.Limited,
                $"{HiddenCaches.Words}; what it computes is compared with double precision before a trial starts, and the fastest "
                    + $"right kernels are used{wish}{remembered}",
                "have the hypervisor show the caches, so that nothing has to be compared"
            )
            : new Finding(
                "kernels",
                Health.Good,
                $"compared with double precision before a trial starts, as {KernelComparison.Variable} says{wish}{remembered}",
                null
            );
    }

    private static Finding Waiting()
    {
        try
        {
            return new Finding("waiting", Health.Good, WaitPolicy.Now().Words, null);
        }
        catch (ConfigurationException error)
        {
            return new Finding("waiting", Health.Broken, error.Message, $"correct {WaitPolicy.Variable}");
        }
    }

    private static Finding Memory()
    {
        var bytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return bytes < LittleMemory
            ? new Finding("memory", Health.Limited, Shown.Bytes(bytes), "use small batches; AlexNet with its momentum alone takes 0.7 GB")
            : new Finding(
                "memory",
                Health.Good,
                $"{Shown.Bytes(bytes)}{Allocator()}",
                OperatingSystem.IsLinux() && MemoryAllocator.Tcmalloc is null
                    ? "on a CPU trials take less time with tcmalloc (Debian: apt install libtcmalloc-minimal4)"
                    : null
            );

        static string Allocator() => MemoryAllocator.Tcmalloc is { } library ? $", by {library} in trials" : "";
    }

    private static Finding Libtorch()
    {
        try
        {
            var library = TorchLibrary.Load();
            var cured = library.Cured && library.Misfit is null ? "; TorchSharp's library is a copy fitted to this system" : "";
            var found = $"{library.Version ?? "of unknown version"} for {library.Backend} in {library.Folder}{cured}";
            if (library.Misfit is { } misfit)
                return new Finding(
                    "libtorch",
                    Health.Limited,
                    $"{found}; called by its dispatcher: {misfit}",
                    "nothing; with libtorch 2.10 the steps of very small networks take less"
                );
            var missing = TorchLibrary.MissingFunctions();
            return missing.Count == 0
                ? new Finding("libtorch", Health.Good, found, null)
                : new Finding(
                    "libtorch",
                    Health.Limited,
                    $"{found}; it lacks {missing.Count} functions that TorchSharp knows, such as {missing[0]}",
                    "use libtorch 2.10 where a trial ends by one of them"
                );
        }
        catch (TorchLoadException error)
        {
            return new Finding(
                "libtorch",
                Health.Broken,
                error.Message,
                "build with -p:TorchBackend=cpu, cuda-linux or cuda-windows, or correct TRAINHARNESS_LIBTORCH"
            );
        }
    }

    private static Finding Device()
    {
        if (torch.cuda.is_available())
        {
            var names = Enumerable
                .Range(0, torch.cuda.device_count())
                .Select(index =>
                    string.Create(CultureInfo.InvariantCulture, $"cuda:{index} {Hardware.Gpu(index).Name ?? "of unknown name"}")
                );
            return new Finding("device", Health.Good, string.Join(", ", names), null);
        }

        return GpuSigns.OfThisMachine().WhyNone(TorchLibrary.Description) is { } hidden
            ? new Finding("device", Health.Limited, $"cpu: {hidden.Found}", hidden.Advice)
            : new Finding("device", Health.Good, "cpu", null);
    }

    private static Finding Energy()
    {
        var (counter, found) = EnergyCounter.Find(ComputeDevice.Parse("auto"));
        return new Finding(
            "energy",
            Health.Good,
            counter?.Covers ?? found,
            found.EndsWith("by this user", StringComparison.Ordinal)
                ? "let it: chmod a+r /sys/class/powercap/intel-rapl:*/energy_uj, until the next start of the machine"
                : null
        );
    }

    private static Finding Driver() =>
        Hardware.Gpu(0).Driver is { } driver
            ? new Finding("driver", Health.Good, $"NVIDIA {driver}", null)
            : new Finding("driver", Health.Good, "no NVIDIA driver: studies run on the CPU", null);

    private static Finding NativePaths()
    {
        List<NativePath> missing = [.. NativePath.All.Where(path => !path.IsAvailable)];
        return missing.Count == 0
            ? new Finding("native paths", Health.Good, string.Join(", ", NativePath.All.Select(path => path.Name)), null)
            : new Finding(
                "native paths",
                Health.Limited,
                string.Join("; ", missing.Select(path => $"no {path.Name}: {path.Otherwise}")),
                "use libtorch 2.10"
            );
    }

    private static Finding Decoder()
    {
        try
        {
            using var skia = SKData.CreateCopy([]);
            return TurboJpeg.IsAvailable
                ? new Finding("images", Health.Good, "decoded by Skia, JPEGs by libturbojpeg", null)
                : new Finding("images", Health.Good, "decoded by Skia", "libturbojpeg packs sooner (Debian: apt install libturbojpeg0)");
        }
        catch (Exception error) when (error is DllNotFoundException or TypeInitializationException)
        {
            return new Finding(
                "images",
                Health.Broken,
                $"Skia does not load: {error.GetBaseException().Message.ReplaceLineEndings(" ")}",
                "publish for this system"
            );
        }
    }

    /// <summary>A cache that others fill is enough for the studies whose datasets are packed in it.</summary>
    private static Finding Cache()
    {
        var writable = Folder("cache", () => CacheFolder.Root, $"name another folder in {CacheFolder.Variable}");
        var packs = writable.Health == Health.Broken ? PacksToRead() : 0;
        if (packs == 0)
            return WithFormer(writable);
        return new Finding(
            "cache",
            Health.Limited,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{CacheFolder.Root}, read-only: studies on its {packs} packed {(packs == 1 ? "dataset" : "datasets")} run, "
            ) + "and no other dataset can be packed",
            $"to pack another dataset, name a folder of your own in {CacheFolder.Variable}"
        );
    }

    private static Finding WithFormer(Finding cache) =>
        cache.Health != Health.Broken && CacheFolder.Former is { } former
            ? cache with
            {
                Found = $"{cache.Found}; what is packed in {former} is read there",
            }
            : cache;

    private static int PacksToRead()
    {
        try
        {
            return Directory.EnumerateFiles(DatasetPreparation.DefaultCacheFolder, "*.pack").Count(CanBeRead);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ConfigurationException)
        {
            return 0;
        }
    }

    private static bool CanBeRead(string file)
    {
        try
        {
            File.OpenHandle(file).Dispose();
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static Finding Folder(string what, Func<string> place, string otherwise)
    {
        try
        {
            var folder = place();
            Disk.TryWrite(folder);
            return Disk.FreeBytes(folder) is { } free
                ? new Finding(
                    what,
                    free < LittleDisk ? Health.Limited : Health.Good,
                    $"{folder}, {Shown.Bytes(free)} free",
                    free < LittleDisk ? $"free some disk, or {otherwise}" : null
                )
                : new Finding(what, Health.Good, $"{folder}, free disk unknown", null);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ConfigurationException)
        {
            return new Finding(what, Health.Broken, error.Message, otherwise);
        }
    }

    private static Finding Fonts()
    {
        try
        {
            return new Finding("fonts", Health.Good, $"figures bring their own: {FigureFont.Typeface.FamilyName}", null);
        }
        catch (Exception error) when (error is DllNotFoundException or TypeInitializationException)
        {
            return new Finding("fonts", Health.Limited, "unknown, since Skia does not load", null);
        }
    }

    private static IEnumerable<Finding> Datasets()
    {
        foreach (var file in ConfigurationFolders.WithoutStudy().All("datasets"))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            yield return Dataset(name, file);
        }
    }

    private static Finding Dataset(string name, string file)
    {
        try
        {
            var dataset = DatasetReader.Read(name, ConfigurationNode.Load(file));
            if (dataset.Kind == DatasetKind.Synthetic)
                return new Finding($"data: {name}", Health.Good, "drawn, needs no file", null);
            if (DatasetPreparation.PlaceOf(dataset, null, DatasetPreparation.DefaultCacheFolder) is { } place)
                return File.Exists(place) || Directory.Exists(place)
                    ? new Finding($"data: {name}", Health.Good, place, null)
                    : new Finding(
                        $"data: {name}",
                        Health.Limited,
                        $"{place} is not there",
                        "correct the path in the dataset file, or use --data PATH"
                    );
            return new Finding(
                $"data: {name}",
                Health.Absent,
                "not here",
                dataset.Download is null ? "use --data PATH" : $"trainharness datasets prepare {name}, or --data PATH"
            );
        }
        catch (ConfigurationException error)
        {
            return new Finding($"data: {name}", Health.Limited, error.Message, "correct the dataset file");
        }
    }
}
