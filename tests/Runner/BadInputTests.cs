using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using VkNet.Formats;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Runner;

/// <summary>Mistakes of users, from the command line to the exit code: the right code, and never a file half-written.</summary>
internal sealed class BadInputTests
{
    private const string Dense = "version: 1\ninputs: {x: {shape: [1, 4]}}\nnodes: {y: {op: dense, input: x, units: 2}}\noutputs: [y]\n";

    private ScratchFolder _folder = null!;

    [SetUp]
    public void Prepare()
    {
        if (TestDrivers.All[0] == TestDrivers.None) Assert.Ignore("there is no Vulkan driver on this machine");
        _folder = new ScratchFolder();
        _folder.Write("dense.yaml", Encoding.UTF8.GetBytes(Dense));
        NpyFile.Save(_folder["x.npy"], Tensor.From([1f, 2f, 3f, 4f], 1, 4));
        NpyFile.Save(_folder["short.npy"], Tensor.From([1f, 2f, 3f], 1, 3));
        _folder.Write("cut.npy", File.ReadAllBytes(_folder["x.npy"])[..40]);
        _folder.Write("damaged.png", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 1]);
    }

    [TearDown]
    public void Clean() => _folder?.Dispose();

    // {0} is the folder with the files.
    [TestCase("rnu", "VKN7001", "did you mean 'run'?")]
    [TestCase("", "VKN7001", "vknet --help")]
    [TestCase("run", "VKN7001", "vknet run --help")]
    [TestCase("run {0}/dense.yaml --inptu x={0}/x.npy", "VKN7001", "did you mean '--input'?")]
    [TestCase("run --bnd N=1 {0}/dense.yaml", "VKN7001", "did you mean '--bind'?")]
    [TestCase("run {0}/nothing.yaml", "VKN7003", "there is no file")]
    [TestCase("run {0}", "VKN7003", "it is a folder")]
    [TestCase("run {0}/dense.yaml --init 1", "VKN7005", "--input x=FILE")]
    [TestCase("run {0}/dense.yaml --init 1 --input x={0}/x.npy --input z={0}/x.npy", "VKN7004", "no input 'z'")]
    [TestCase("run {0}/dense.yaml --init 1 --input x={0}/x.npy --input x={0}/x.npy", "VKN7002", "twice")]
    [TestCase("run {0}/dense.yaml --init 1 --input x", "VKN7002", "NAME=VALUE")]
    [TestCase("run {0}/dense.yaml --init 1 --input x={0}/nothing.npy", "VKN7003", "given for input 'x'")]
    [TestCase("run {0}/dense.yaml --init 1 --input x={0}/short.npy", "VKN2009", "axis 1 must be 4")]
    [TestCase("run {0}/dense.yaml --init 1 --input x={0}/cut.npy", "VKN6103", "ends inside its header")]
    [TestCase("run {0}/dense.yaml --init 1 --input x={0}/damaged.png", "VKN7006", "not of rank 4")]
    [TestCase("run {0}/dense.yaml --init 1 --input x={0}/x.npy --bind N=many", "VKN7002", "no size")]
    [TestCase("run {0}/dense.yaml --init 1 --input x={0}/x.npy --preprocess nonsense", "VKN6510", "nonsense")]
    [TestCase("run {0}/dense.yaml --input x={0}/x.npy", "VKN6401", "--init SEED")]
    [TestCase("run {0}/dense.yaml --init 1 --input x={0}/x.npy --output q={0}/out.npy", "VKN7007", "no output 'q'")]
    [TestCase("run {0}/dense.yaml --init 1 --input x={0}/x.npy --output y={0}/out.xyz", "VKN7008", ".npy")]
    [TestCase("run {0}/dense.yaml --init 1 --input x={0}/x.npy --output y={0}/no/out.npy", "VKN7009", "there is no folder")]
    [TestCase("run {0}/dense.yaml --init 1 --input x={0}/x.npy --labels {0}/nothing.txt", "VKN7003", "--labels")]
    [TestCase("inspect {0}/dense.yaml --bind N", "VKN7002", "NAME=VALUE")]
    [TestCase("check --filter nonsense", "VKN7012", "no operator")]
    public void Mistakes_exit_with_1(string line, string code, string fragment)
    {
        var before = _folder.Files.ToList();
        string[] arguments = [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(a => a.Replace("{0}", _folder["."], StringComparison.Ordinal))];
        var result = RunnerProcess.Expect(1, code, arguments);
        Assert.That(result.Error, Does.Contain(fragment));
        Assert.That(result.Output, Is.Empty);
        Assert.That(_folder.Files, Is.EquivalentTo(before), "nothing is left behind");
    }

    [TestCase("--device nothing", "VKN4003", "there are: 0: ")]
    public void Devices_that_are_not_there_exit_with_2(string option, string code, string fragment)
    {
        var result = RunnerProcess.Expect(2, code, ["run", _folder["dense.yaml"], "--init", "1", "--input", $"x={_folder["x.npy"]}", .. option.Split(' ')]);
        Assert.That(result.Error, Does.Contain(fragment));
    }

    // What is wrong with a weights file for y.weight f32[2, 4] and y.bias f32[2]; byte 32 is where the bias starts.
    [TestCase("missing", "VKN6401", "y.bias f32[2]")]
    [TestCase("shape", "VKN6402", "has shape [2, 4], but the weights give [4, 2]")]
    [TestCase("cut", "VKN6208", "the file is cut short")]
    [TestCase("overlap", "VKN6206", "'y.weight' and 'y.bias' overlap")]
    [TestCase("outside", "VKN6208", "4000000000000")]
    [TestCase("header", "VKN6201", "")]
    [TestCase("nothing", "VKN6001", "")]
    public void Weights_that_do_not_fit_exit_with_1(string what, string code, string fragment)
    {
        var weight = Entry(what == "shape" ? "4, 2" : "2, 4", 0, 32);
        var bias = what switch { "overlap" => Entry("2", 24, 32), "outside" => Entry("2", 32, 4_000_000_000_000), _ => Entry("2", 32, 40) };
        var header = Encoding.UTF8.GetBytes(what == "missing" ? $"{{\"y.weight\":{weight}}}" : $"{{\"y.weight\":{weight},\"y.bias\":{bias}}}");
        var file = new byte[8 + header.Length + (what is "missing" or "overlap" ? 32 : what == "cut" ? 36 : 40)];
        BinaryPrimitives.WriteInt64LittleEndian(file, header.Length);
        header.CopyTo(file, 8);
        if (what != "nothing") _folder.Write("w.safetensors", what == "header" ? file[..5] : file);
        var result = RunnerProcess.Expect(1, code, "run", _folder["dense.yaml"], "--weights", _folder["w.safetensors"], "--input", $"x={_folder["x.npy"]}", "--output", $"y={_folder["out.npy"]}");
        Assert.That(result.Error, Does.Contain(fragment));
        Assert.That(File.Exists(_folder["out.npy"]), Is.False);

        static string Entry(string shape, long begin, long end) => $"{{\"dtype\":\"F32\",\"shape\":[{shape}],\"data_offsets\":[{begin},{end}]}}";
    }

    [Test]
    public void A_file_that_was_there_stays_when_a_run_fails()
    {
        _folder.Write("out.npy", [1, 2, 3]);
        RunnerProcess.Expect(1, "VKN6401", "run", _folder["dense.yaml"], "--input", $"x={_folder["x.npy"]}", "--output", $"y={_folder["out.npy"]}");
        Assert.That(File.ReadAllBytes(_folder["out.npy"]), Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    [Test]
    public void A_tensor_that_the_device_cannot_hold_is_refused()
    {
        _folder.Write("large.yaml", "version: 1\ninputs: {x: {shape: [1, 4]}}\nnodes: {y: {op: fill, shape: [50000, 50000]}, z: {op: add, inputs: [y, y]}, s: {op: reduce_sum, input: z}}\noutputs: [s]\n"u8.ToArray());
        RunnerProcess.Expect(2, "VKN42", "run", _folder["large.yaml"], "--input", $"x={_folder["x.npy"]}");
    }

    [TestCase("VKNET_MEMORY_LIMIT", "1KB", 2, "VKN4011", "raise VKNET_MEMORY_LIMIT")]
    [TestCase("VKNET_MEMORY_LIMIT", "lots", 1, "VKN4008", "512MB")]
    [TestCase("VKNET_DISABLE", "nonsense", 1, "VKN4007", "")]
    [TestCase("VK_DRIVER_FILES", "/nowhere/driver.json", 2, "VKN4002", "mesa-vulkan-drivers")]
    public void What_the_environment_forbids(string variable, string value, int exit, string code, string fragment)
    {
        var (exitCode, error) = Start(variable, value, "run", _folder["dense.yaml"], "--init", "1", "--input", $"x={_folder["x.npy"]}", "--output", $"y={_folder["out.npy"]}");
        Assert.Multiple(() =>
        {
            Assert.That(exitCode, Is.EqualTo(exit), error);
            Assert.That(error, Does.Contain($"error {code}").And.Contain(fragment));
            Assert.That(error, Does.Not.Contain("   at "), "no stack trace");
            Assert.That(File.Exists(_folder["out.npy"]), Is.False);
        });
    }

    [Test]
    public void Without_a_loader_the_message_says_what_to_install()
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("the loader is hidden by LD_LIBRARY_PATH");
        // What the linker finds first is no library.
        foreach (var name in new[] { "libvulkan.so.1", "libvulkan.so" }) _folder.Write(name, "no library"u8.ToArray());
        var (exitCode, error) = Start("LD_LIBRARY_PATH", _folder["."], "devices");
        Assert.That(exitCode, Is.EqualTo(2), error);
        Assert.That(error, Does.Contain("error VKN4001").And.Contain("libvulkan1"));
    }

    // A process of its own: the loader reads the environment once.
    private static (int ExitCode, string Error) Start(string variable, string value, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet") { RedirectStandardError = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "vknet.dll"));
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment.Remove("VK_ADD_DRIVER_FILES");
        start.Environment[variable] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEnd();
        Assert.That(process.WaitForExit(120_000), "vknet takes more than two minutes");
        Assert.That(output.Result, Is.Empty);
        return (process.ExitCode, error);
    }
}
