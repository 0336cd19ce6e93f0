using System.Globalization;
using VkNet.ShaderCompiler;

// Called by shaders/build/VkNet.targets while a project with kernels is built. The generated C# stands in NAMESPACE; includes are looked up
// in the folder of the kernels, then in HEADER_FOLDER.
// Exit code 0: done; 1: errors, in MSBuild's form on the error stream; 2: no GLSL compiler, what to do on the output.
if (args.Length != 4)
{
    Console.Error.WriteLine("usage: VkNet.ShaderCompiler SHADER_FOLDER OUTPUT_FOLDER NAMESPACE HEADER_FOLDER");
    return 1;
}
try
{
    var result = new ShaderBuild(args[0], args[1], args[2], args[3], Glslc.Find(Environment.GetEnvironmentVariable)).Run();
    foreach (var note in result.Notes) Console.WriteLine($"shaders: {note}");
    foreach (var problem in result.Problems) Console.Error.WriteLine(problem);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"shaders: {result.Kernels} kernels, {result.Variants} variants, {result.Compiled} compiled"));
    return result.Problems.Count == 0 ? 0 : 1;
}
catch (BuildProblemException error) when (error.Problems is [{ Code: "VKS001" } missing])
{
    Console.WriteLine(missing.Message);
    return 2;
}
catch (BuildProblemException error)
{
    foreach (var problem in error.Problems) Console.Error.WriteLine(problem);
    return 1;
}
