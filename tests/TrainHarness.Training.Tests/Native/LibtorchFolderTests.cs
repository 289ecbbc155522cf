using TrainHarness.Training.Native.Libtorch;

namespace TrainHarness.Training.Tests.Native;

public sealed class LibtorchFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_named_folder_that_does_not_exist_is_one_line_naming_the_variable()
    {
        var exception = Assert.Throws<TorchLoadException>(() => LibtorchFolder.Find(folder["absent"], []));

        Assert.Equal(
            $"TRAINHARNESS_LIBTORCH: there is no folder {folder["absent"]}; it must be the lib folder of libtorch 2.10 with the C++11 "
                + $"string ABI or, on Linux on x86-64, a later one.",
            exception.Message
        );
    }

    [Fact]
    public void A_named_folder_that_lacks_files_names_them()
    {
        File.WriteAllText(folder[LibtorchFolder.FileName("c10")], "");

        var exception = Assert.Throws<TorchLoadException>(() => LibtorchFolder.Find(folder.Path, []));

        Assert.Contains(
            $"lacks {LibtorchFolder.FileName("torch_cpu")}, {LibtorchFolder.FileName("torch")};",
            exception.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_build_without_libtorch_names_every_way_to_get_one()
    {
        var exception = Assert.Throws<TorchLoadException>(() => LibtorchFolder.Find(null, [folder.Path]));

        Assert.All(["TorchBackend=cpu", "cuda-linux", "cuda-windows", "TRAINHARNESS_LIBTORCH"], way =>
            Assert.Contains(way, exception.Message, StringComparison.Ordinal)
        );
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public void A_library_that_does_not_load_is_one_line_with_the_loaders_reason()
    {
        File.WriteAllText(folder["libc10.so"], "not a library");

        var exception = Assert.Throws<TorchLoadException>(() => LibtorchFolder.Load(folder["libc10.so"]));

        Assert.StartsWith(folder["libc10.so"] + " does not load: ", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }
}
