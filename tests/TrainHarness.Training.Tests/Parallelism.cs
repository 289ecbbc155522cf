using System.Reflection;
using TorchSharp;
using TrainHarness.Training.Tests;
using Xunit.Sdk;
using Xunit.v3;

// torch has one global generator and already uses every core: tests that seed it must not meet others that draw from it.
[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: SeededTorch]

namespace TrainHarness.Training.Tests;

/// <summary>What a test draws depends neither on the tests before it nor on the run.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class SeededTorchAttribute : BeforeAfterTestAttribute
{
    public override void Before(MethodInfo methodUnderTest, IXunitTest test) => torch.random.manual_seed(1);
}
