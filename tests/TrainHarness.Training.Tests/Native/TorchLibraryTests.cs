using TorchSharp;
using TrainHarness.Training.Native;
using TrainHarness.Training.Native.Libtorch;

namespace TrainHarness.Training.Tests.Native;

public class TorchLibraryTests
{
    [Fact]
    public void Loading_again_from_many_threads_gives_the_same_library()
    {
        var first = TorchLibrary.Load();

        Parallel.For(0, 16, _ => Assert.Same(first, TorchLibrary.Load()));
    }

    [Fact]
    public void The_description_names_the_version_that_the_package_holds()
    {
        var description = TorchLibrary.Description;

        Assert.Equal("2.10.0", description.Version);
        Assert.True(File.Exists(Path.Combine(description.Folder, LibtorchFolder.FileName("torch_cpu"))));
        Assert.True(description.Backend is "cpu" or "cuda");
    }

    [Fact]
    public void Tensors_compute()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.arange(4, torch.ScalarType.Float32).requires_grad_();

        (x * x).sum().backward();

        Assert.Equal([0f, 2f, 4f, 6f], x.grad!.data<float>().ToArray());
    }
}
