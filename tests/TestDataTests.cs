namespace VkNet.Tests;

internal sealed class TestDataTests
{
    [Test]
    public void The_repository_root_is_found() =>
        Assert.That(Path.Combine(TestData.Repository, "LICENSE"), Does.Exist);
}
