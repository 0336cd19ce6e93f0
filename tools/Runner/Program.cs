namespace VkNet.Runner;

/// <summary>The entry point of the <c>vknet</c> command.</summary>
internal static class Program
{
    private static int Main(string[] arguments) => CommandLine.Run(arguments, Console.Out, Console.Error);
}
