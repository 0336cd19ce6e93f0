using EmbeddingWeb;
using VkNet;

try
{
    await using var app = await DigitApplication.CreateAsync(args);
    await app.RunAsync();
    return 0;
}
catch (VkNetException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return (int)e.Kind;
}
