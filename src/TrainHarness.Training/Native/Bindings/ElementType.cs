namespace TrainHarness.Training.Native.Bindings;

/// <summary>Numbers of element types (c10/core/ScalarType.h), the same in every version and in TorchSharp.</summary>
internal static class ElementType
{
    public const int Byte = 0;
    public const int Int8 = 1;
    public const int Int16 = 2;
    public const int Int32 = 3;
    public const int Int64 = 4;
    public const int Float16 = 5;
    public const int Float32 = 6;
    public const int Float64 = 7;
    public const int Boolean = 11;
    public const int BFloat16 = 15;

    public static bool IsReal(int type) => type is Float16 or Float32 or Float64 or BFloat16;
}
