using Xunit.Sdk;
using Xunit.v3;

// torch has one global generator and already uses every core: tests that seed it must not meet others that draw from it.
[assembly: Parallelization(Mode = ParallelMode.None)]
