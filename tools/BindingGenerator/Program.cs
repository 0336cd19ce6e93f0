using System.Diagnostics;
using VkNet.BindingGenerator;
using VkNet.BindingGenerator.Emission;
using VkNet.BindingGenerator.Model;

// Writes engine/Interop/Generated from vk.xml, and, with --abi, tests/Interop/abi.txt from the C headers.
const string Usage = "usage: dotnet run --project tools/BindingGenerator -- [--registry vk.xml] [--abi] [--check]";
var registryPath = "/usr/share/vulkan/registry/vk.xml";
var (abi, check) = (false, false);
for (var i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--registry" when i + 1 < args.Length: registryPath = args[++i]; break;
        case "--abi": abi = true; break;
        case "--check": check = true; break;
        default:
            Console.Error.WriteLine(Usage);
            return 1;
    }
}
var root = FindRoot();
if (root is null || !File.Exists(registryPath))
{
    Console.Error.WriteLine(root is null ? "run it from inside the repository" : $"there is no {registryPath}; on Debian and Ubuntu it comes with 'apt-get install libvulkan-dev'");
    return 1;
}

var folder = Path.Combine(root, "tools", "BindingGenerator");
var registry = RegistryReader.Read(registryPath, Path.Combine(folder, "supplement.xml"));
var selection = new Selection(registry, AllowList.Parse(File.ReadLines(Path.Combine(folder, "allow.txt"))));
var types = new TypeWriter(selection);
var commands = new CommandWriter(selection);
GeneratedFile[] files = [types.Handles(), types.Enums(), types.Structs(), commands.Core(), .. commands.Extensions(), commands.Factory()];
var changed = 0;
foreach (var file in files)
{
    var path = Path.Combine(root, "engine", "Interop", "Generated", file.Name);
    if (File.Exists(path) && File.ReadAllText(path) == file.Text) continue;
    changed++;
    Console.WriteLine($"{(check ? "differs" : "written")}: {path}");
    if (!check) File.WriteAllText(path, file.Text);
}
Console.WriteLine($"{selection.Allow.Commands.Count()} commands, {selection.Structs.Count} structures, {selection.Enums.Count} enumerations; {changed} of {files.Length} files {(check ? "differ" : "changed")}");
if (abi) WriteAbi(AbiProbe.Source(selection), Path.Combine(root, "tests", "Interop", "abi.txt"));
return check && changed > 0 ? 1 : 0;

static string? FindRoot()
{
    for (var folder = new DirectoryInfo(Environment.CurrentDirectory); folder is not null; folder = folder.Parent)
    {
        if (File.Exists(Path.Combine(folder.FullName, "Directory.Packages.props"))) return folder.FullName;
    }
    return null;
}

static void WriteAbi(string source, string target)
{
    var scratch = Directory.CreateTempSubdirectory("vknet-abi-").FullName;
    try
    {
        var (code, program) = (Path.Combine(scratch, "abi.c"), Path.Combine(scratch, "abi"));
        File.WriteAllText(code, source);
        Run("cc", ["-o", program, code]);
        File.WriteAllText(target, Run(program, []));
        Console.WriteLine($"written: {target}");
    }
    finally
    {
        Directory.Delete(scratch, recursive: true);
    }
}

static string Run(string program, string[] arguments)
{
    using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
    var output = process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} failed with exit code {process.ExitCode}");
}
