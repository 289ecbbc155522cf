using System.Runtime.InteropServices;

namespace TrainHarness.Training.Native.Kernels;

/// <summary>Variables of this process that native libraries read when they are loaded.</summary>
public static class NativeEnvironment
{
    public static void Set(string variable, string value)
    {
        Environment.SetEnvironmentVariable(variable, value);
        // .NET keeps an environment of its own, which native code does not see.
        if (OperatingSystem.IsLinux())
            _ = SetForNativeCode(variable, value, 1);
    }

    [DllImport("libc", EntryPoint = "setenv")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetForNativeCode(
        [MarshalAs(UnmanagedType.LPUTF8Str)] string name,
        [MarshalAs(UnmanagedType.LPUTF8Str)] string value,
        int overwrite
    );
}
