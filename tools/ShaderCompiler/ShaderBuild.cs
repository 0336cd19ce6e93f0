using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using VkNet.ShaderCompiler.Output;
using VkNet.ShaderCompiler.Spirv;

namespace VkNet.ShaderCompiler;

/// <summary>
/// Builds every kernel below a folder. What it leaves in the output folder: <c>*.spv</c> to embed, <c>*.g.cs</c> to compile,
/// and <c>cache/</c> with the content hash and the named module of each variant. A second run with nothing changed compiles nothing.
/// </summary>
internal sealed class ShaderBuild
{
    // Part of every content hash: raised when the way of compiling changes.
    private const string Recipe = "2";
    private readonly string folder;
    private readonly string output;
    private readonly string space;
    private readonly string headers;
    private readonly string cache;
    private readonly Glslc glslc;
    private readonly ConcurrentBag<BuildProblem> problems = [];
    private readonly ConcurrentBag<string> notes = [];
    private int compiled;

    /// <summary>Prepares a build.</summary>
    /// <param name="folder">The folder of the kernels; also where includes are looked up first.</param>
    /// <param name="output">The folder that receives the results; created where needed, and cleared of what no kernel makes any more.</param>
    /// <param name="space">The namespace of the generated classes.</param>
    /// <param name="headers">Where includes are looked up that are not in <paramref name="folder"/>; may be the same.</param>
    /// <param name="glslc">The compiler.</param>
    public ShaderBuild(string folder, string output, string space, string headers, Glslc glslc)
    {
        this.folder = Path.GetFullPath(folder);
        this.output = Path.GetFullPath(output);
        this.headers = Path.GetFullPath(headers);
        this.space = space;
        this.glslc = glslc;
        cache = Path.Combine(this.output, "cache");
    }

    /// <summary>What a build did.</summary>
    /// <param name="Kernels">How many kernels there are.</param>
    /// <param name="Variants">How many variants they have together.</param>
    /// <param name="Compiled">How many of them had changed and were compiled.</param>
    /// <param name="Problems">What failed; the results are unusable unless it is empty.</param>
    /// <param name="Notes">What the user should know and need not act on.</param>
    internal sealed record Result(int Kernels, int Variants, int Compiled, IReadOnlyList<BuildProblem> Problems, IReadOnlyList<string> Notes);

    /// <summary>Compiles what changed, checks everything and writes the manifest.</summary>
    public Result Run()
    {
        Directory.CreateDirectory(cache);
        var kernels = KernelSource.FindAll(folder, headers);
        var constants = ConstantGroup.FindAll(folder);
        var jobs = kernels.SelectMany(kernel => kernel.Variants.Select(variant => (Kernel: kernel, Variant: variant))).ToList();
        var hashes = kernels.ToDictionary(kernel => kernel, kernel => KernelSource.TextWithIncludes([folder, headers], kernel.File));
        var results = new CompiledVariant?[jobs.Count];
        // Each waits for a process: without a bound the thread pool would start ever more of them.
        Parallel.For(0, jobs.Count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i => results[i] = CompileOne(jobs[i].Kernel, jobs[i].Variant, hashes[jobs[i].Kernel]));

        var manifest = new List<(KernelSource Kernel, IReadOnlyList<CompiledVariant> Variants)>();
        if (problems.IsEmpty)
        {
            foreach (var kernel in kernels)
            {
                var variants = Enumerable.Range(0, jobs.Count).Where(i => jobs[i].Kernel == kernel).Select(i => results[i]!).ToList();
                foreach (var problem in VariantAgreement.Check(kernel, variants)) problems.Add(problem);
                // A kernel none of whose variants this compiler can build is left out as a whole.
                if (variants.Any(variant => variant.Interface is not null)) manifest.Add((kernel, variants));
            }
        }
        foreach (var block in manifest.Where(entry => entry.Kernel.SharedParameters is not null).GroupBy(entry => entry.Kernel.SharedParameters!.Value.Name))
            foreach (var (kernel, variants) in block.Skip(1))
                if (!FieldsOf(variants).SequenceEqual(FieldsOf(block.First().Variants)))
                    problems.Add(new BuildProblem("VKS005", $"its parameter block differs from that of '{block.First().Kernel.Name}', though both are to be '{block.Key}'", kernel.File, 1));
        if (problems.IsEmpty) WriteOutputs(manifest, constants);
        var sorted = problems.Distinct().OrderBy(problem => problem.File, StringComparer.Ordinal).ThenBy(problem => problem.Line).ToList();
        return new Result(kernels.Count, jobs.Count, compiled, sorted, [.. notes.Order(StringComparer.Ordinal)]);
    }

    private static IReadOnlyList<InterfaceField> FieldsOf(IReadOnlyList<CompiledVariant> variants) => variants.First(variant => variant.Interface is not null).Interface!.Fields;

    private CompiledVariant? CompileOne(KernelSource kernel, VariantDeclaration variant, string text)
    {
        var stem = $"{kernel.Name.Replace('/', '.')}.{variant.Name}";
        if (variant.OptionalExtension is { } extension && !glslc.Supports(extension, cache))
        {
            notes.Add($"{kernel.Name}: the variant '{variant.Name}' is left out, because this glslc does not know {extension}");
            return new CompiledVariant(variant, null, stem + ".spv", "");
        }
        var embedded = Path.Combine(output, stem + ".spv");
        var declared = Path.Combine(cache, stem + ".declared.spv");
        var hashFile = Path.Combine(cache, stem + ".hash");
        var hash = Hash(Encoding.UTF8.GetBytes(string.Join('\0', [Recipe, glslc.Version, .. variant.Definitions, text])));
        var isFresh = File.Exists(embedded) && File.Exists(declared) && File.Exists(hashFile) && File.ReadAllText(hashFile) == hash;
        if (!isFresh && !Compile(kernel, variant, embedded, declared, hashFile, hash)) return null;
        try
        {
            var surface = Reflector.Read(SpirvModule.Parse(File.ReadAllBytes(declared)));
            return new CompiledVariant(variant, surface, stem + ".spv", Hash(File.ReadAllBytes(embedded)));
        }
        catch (InvalidDataException error)
        {
            problems.Add(new BuildProblem("VKS004", $"{error.Message} [variant {variant.Name}]", kernel.File, variant.Line));
            return null;
        }
    }

    private bool Compile(KernelSource kernel, VariantDeclaration variant, string embedded, string declared, string hashFile, string hash)
    {
        // Written beside and moved, with the hash last, so that an interrupted build leaves nothing that looks finished.
        var suffix = string.Create(CultureInfo.InvariantCulture, $".{Environment.ProcessId}.tmp");
        File.Delete(hashFile);
        try
        {
            var errors = glslc.Compile(kernel, variant, [folder, headers], embedded + suffix, declared + suffix);
            foreach (var error in errors) problems.Add(error);
            if (errors.Count > 0) return false;
            File.WriteAllBytes(embedded + suffix, SpirvModule.Parse(File.ReadAllBytes(embedded + suffix)).Strip());
            File.Move(embedded + suffix, embedded, overwrite: true);
            File.Move(declared + suffix, declared, overwrite: true);
            File.WriteAllText(hashFile, hash);
            Interlocked.Increment(ref compiled);
            return true;
        }
        finally
        {
            File.Delete(embedded + suffix);
            File.Delete(declared + suffix);
        }
    }

    private void WriteOutputs(List<(KernelSource Kernel, IReadOnlyList<CompiledVariant> Variants)> manifest, IReadOnlyList<ConstantGroup> constants)
    {
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (file, text) in new ManifestWriter(space).Write(manifest, constants))
        {
            var path = Path.Combine(output, file);
            wanted.Add(path);
            // An unchanged file keeps its time, so that the C# compiler is not run for nothing.
            if (!File.Exists(path) || File.ReadAllText(path) != text) File.WriteAllText(path, text);
        }
        foreach (var variant in manifest.SelectMany(entry => entry.Variants).Where(variant => variant.Interface is not null))
        {
            var stem = variant.ResourceName[..^".spv".Length];
            wanted.Add(Path.Combine(output, variant.ResourceName));
            wanted.Add(Path.Combine(cache, stem + ".declared.spv"));
            wanted.Add(Path.Combine(cache, stem + ".hash"));
        }
        foreach (var file in Directory.GetFiles(output).Concat(Directory.GetFiles(cache)))
        {
            if (!wanted.Contains(file) && (file.EndsWith(".spv", StringComparison.Ordinal) || file.EndsWith(".hash", StringComparison.Ordinal) || file.EndsWith(".g.cs", StringComparison.Ordinal)))
                File.Delete(file);
        }
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
