using System.Globalization;
using System.Text.RegularExpressions;
using VkNet.Tests.Device;

namespace VkNet.Tests.Examples;

/// <summary>examples/q-learning: a loop of one's own around a training session.</summary>
internal sealed partial class QLearningTests
{
    [Test]
    public void The_pole_stands_longer_than_by_chance()
    {
        if (TestDrivers.All[0] == TestDrivers.None) Assert.Ignore("there is no Vulkan driver on this machine");
        var output = Command.Run(TestData.Repository, Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", Path.Combine(AppContext.BaseDirectory, "QLearning.dll"), "150");
        // Pushed at random it stands for about 22 steps, pushed always to one side for about 10.
        Assert.That(double.Parse(Average().Match(output).Groups[1].Value, CultureInfo.InvariantCulture), Is.GreaterThan(60), output);
    }

    [GeneratedRegex(@"^without exploring: (\d+) of 200 steps on average", RegexOptions.Multiline)]
    private static partial Regex Average();
}
