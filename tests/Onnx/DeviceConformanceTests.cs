using VkNet.Onnx.Testing;
using VkNet.Operators;
using VkNet.Tests.Device;

namespace VkNet.Tests.Onnx;

/// <summary>The ONNX backend tests of shared/data/onnx on every driver.</summary>
internal sealed class DeviceConformanceTests(string driver) : OnEveryDevice(driver)
{
    // Fewer than these many passed cases is a regression; raise a number when more pass. Nothing may fail at all.
    [TestCase("node", 720)]
    [TestCase("node-f32", 20)]
    [TestCase("pytorch-converted", 51)]
    [TestCase("pytorch-operator", 18)]
    [TestCase("simple", 7)]
    [TestCase("models", 14)]
    public void Cases_pass_on_the_device(string folder, int floor)
    {
        var cases = ConformanceReport.Cases(folder);
        ConformanceReport.Check(folder, new OnnxTestSuite(StandardOperators.Registry, OnnxTestSuite.DeviceRunner(Device)).Run(cases), floor);
    }
}
