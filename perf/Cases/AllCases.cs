namespace VkNet.Perf.Cases;

/// <summary>Every case, set by set.</summary>
internal static class AllCases
{
    public static IEnumerable<PerfCase> Create() =>
        GemmCases.All().Concat(ConvolutionCases.All()).Concat(MemoryCases.All()).Concat(RecurrentCases.All()).Concat(NetworkCases.All());
}
