namespace TrainHarness.Training.Native.Libtorch;

/// <summary>Which <c>std::string</c> a libtorch was compiled with; TorchSharp's native library passes the C++11 one.</summary>
internal static class StringAbi
{
    // c10::detail::torchCheckFail(const char*, const char*, uint32_t, const std::string&), in libc10 since 1.8
    private const string Cxx11Symbol = "_ZN3c106detail14torchCheckFailEPKcS2_jRKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE";
    private const string OldSymbol = "_ZN3c106detail14torchCheckFailEPKcS2_jRKSs";

    /// <param name="exports">Whether libc10 exports a symbol.</param>
    /// <returns>What is wrong, or null.</returns>
    public static string? Problem(Predicate<string> exports)
    {
        if (exports(Cxx11Symbol))
            return null;
        return exports(OldSymbol)
            ? "it was built with the old C++ string ABI (_GLIBCXX_USE_CXX11_ABI=0), not with the C++11 one (__cxx11)"
            : "its C++ string ABI cannot be told: libc10 exports torchCheckFail neither with std::__cxx11::string nor with the old string";
    }
}
