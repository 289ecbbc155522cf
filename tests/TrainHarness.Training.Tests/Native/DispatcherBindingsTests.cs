using System.Reflection;
using System.Runtime.InteropServices;
using TorchSharp;
using TrainHarness.Training.Native;
using TrainHarness.Training.Native.Bindings;
using TrainHarness.Training.Tests.Checkpoints;
using TrainHarness.Training.Tests.Engine;
using TrainHarness.Training.Tests.Optimizers;
using TrainHarness.Training.Tests.Workloads.ImageClassification.Architectures;
using TrainHarness.Training.Tests.Workloads.ImageClassification.Augmentations;

namespace TrainHarness.Training.Tests.Native;

/// <summary>
/// TorchSharp keeps what it has called once, so what computes runs in a process of its own: this assembly, told to take the dispatcher.
/// </summary>
public sealed class DispatcherBindingsTests
{
    public static TheoryData<string> Functions => [.. DispatcherBindings.Functions().Keys];

    [Theory]
    [MemberData(nameof(Functions))]
    public void A_function_takes_and_gives_what_TorchSharp_passes_and_expects(string name)
    {
        var ours = DispatcherBindings.Functions()[name];
        var theirs = typeof(torch)
            .Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(method => method.Attributes.HasFlag(MethodAttributes.PinvokeImpl) && method.Name == name);

        Assert.Contains(Signature(ours), theirs.Select(Signature));
    }

    [Fact]
    public unsafe void The_library_of_names_leads_each_to_its_function()
    {
        Assert.SkipWhen(Problem() is not null, Problem() ?? "");
        var library = DispatcherBindings.Load();

        var threads = (delegate* unmanaged<int>)NativeLibrary.GetExport(library, "THSTorch_get_num_threads");
        Assert.Equal(torch.get_num_threads(), threads());
        Assert.All(DispatcherBindings.Functions().Keys, name => Assert.NotEqual(0, NativeLibrary.GetExport(library, name)));
        Assert.False(NativeLibrary.TryGetExport(library, "THSTensor_of_no_such_name", out _));
    }

    [Fact]
    public void A_libtorch_that_lacks_one_function_is_a_problem_that_names_it()
    {
        Assert.SkipWhen(Problem() is not null, Problem() ?? "");
        Assert.Equal(
            "its dispatcher cannot be called: it lacks torch_call_dispatcher",
            DispatcherBindings.Problem((_, symbol) => symbol != "torch_call_dispatcher")
        );
    }

    // As in Python: torch.result_type. A number moves no tensor of its kind to another type, with dimensions or without.
    [Fact]
    public void Numbers_beside_tensors_give_the_types_that_numbers_give()
    {
        using var scope = torch.NewDisposeScope();
        var single = torch.tensor(2f);
        Assert.Equal(torch.ScalarType.Float32, (single * 0.5).dtype);
        Assert.Equal(torch.ScalarType.Float32, (single + 1).dtype);
        Assert.Equal(torch.ScalarType.Float32, single.clamp(0.25, 0.5).dtype);
        Assert.Equal(torch.ScalarType.Int64, torch.tensor(3L).pow(2).dtype);
        Assert.Equal(torch.ScalarType.Float32, (torch.arange(3) * 0.5).dtype);
        Assert.Equal(torch.ScalarType.Byte, (torch.zeros(3, dtype: torch.ScalarType.Byte) + 1).dtype);
        Assert.Equal(16_777_217, torch.full(1, 16_777_217, dtype: torch.ScalarType.Int64)[0].item<long>());
    }

    [Fact]
    public void What_libtorch_refuses_is_an_exception_and_not_the_end_of_the_process()
    {
        using var scope = torch.NewDisposeScope();
        var leaf = torch.ones(3, requires_grad: true);
        Assert.ThrowsAny<Exception>(() => leaf.add_(1));
        Assert.ThrowsAny<Exception>(() => torch.arange(3).add_(torch.ones(3)));
        Assert.ThrowsAny<Exception>(() => torch.ones(1).expand(3).add_(torch.ones(3)));
        Assert.ThrowsAny<Exception>(() => torch.ones(3) + torch.ones(4));
        Assert.ThrowsAny<Exception>(() => torch.ones(3, dtype: torch.ScalarType.Bool) - torch.ones(3, dtype: torch.ScalarType.Bool));
        Assert.ThrowsAny<Exception>(() => torch.ones(3).view(5));
        // And what comes next goes well.
        Assert.Equal(3, torch.ones(3).sum().item<float>());
    }

    [Trait("Lane", "long")]
    [Theory]
    [InlineData($"{nameof(DispatcherBindingsTests)}.{nameof(Numbers_beside_tensors_give_the_types_that_numbers_give)}")]
    [InlineData($"{nameof(DispatcherBindingsTests)}.{nameof(What_libtorch_refuses_is_an_exception_and_not_the_end_of_the_process)}")]
    [InlineData($"{nameof(SequenceBindingsTests)}.{nameof(SequenceBindingsTests.A_state_that_does_not_fit_is_an_exception)}")]
    [InlineData($"{nameof(FunctionTests)}.")]
    [InlineData($"{nameof(MemoryLimitTests)}.")]
    [InlineData($"{nameof(MomentumSgdTests)}.")]
    [InlineData($"{nameof(OptimizerTests)}.")]
    [InlineData($"{nameof(RandomErasingTests)}.")]
    [InlineData($"{nameof(WeightAverageTests)}.")]
    [InlineData($"{nameof(ResumeTests)}.")]
    public async Task Tests_of_what_is_computed_pass_by_the_dispatcher_too(string tests)
    {
        Assert.SkipWhen(Problem() is not null, Problem() ?? "");
        var child = await DotnetProcess.Run(
            ["exec", GetType().Assembly.Location, "-method", $"*.{tests}*"],
            new Dictionary<string, string> { [TorchLibrary.BindingsVariable] = "dispatcher" }
        );

        Assert.True(child.ExitCode == 0, child.Output);
        Assert.DoesNotContain("Total: 0,", child.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_way_of_calling_libtorch_is_refused_by_name()
    {
        var child = await DotnetProcess.Run(
            ["exec", GetType().Assembly.Location, "-method", $"*{nameof(LayoutProbeTests)}*"],
            new Dictionary<string, string> { [TorchLibrary.BindingsVariable] = "magic" }
        );

        Assert.NotEqual(0, child.ExitCode);
        Assert.Contains("TRAINHARNESS_BINDINGS: 'magic' is not known; allowed: dispatcher.", child.Output, StringComparison.Ordinal);
    }

    private static string? Problem() => DispatcherBindings.Problem((library, symbol) => TorchLibrary.Export(library, symbol) != 0);

    private static string Signature(MethodInfo method) =>
        (method.ReturnType == typeof(bool) ? "int" : Kind(method.ReturnType))
        + $"({string.Join(", ", method.GetParameters().Select(parameter => Kind(parameter.ParameterType)))})";

    // What the machine passes: an address, a number of so many bytes, or nothing. A truth value that comes back has four bytes, where
    // nothing else is said.
    private static string Kind(Type type) =>
        Type.GetTypeCode(type) switch
        {
            TypeCode.Boolean or TypeCode.Byte or TypeCode.SByte => "byte",
            TypeCode.Int32 => "int",
            TypeCode.Int64 or TypeCode.UInt64 => "long",
            TypeCode.Single => "float",
            TypeCode.Double => "double",
            _ => type == typeof(void) ? "void" : "address",
        };
}
