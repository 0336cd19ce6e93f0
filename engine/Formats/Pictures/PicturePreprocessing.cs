using System.Globalization;

namespace VkNet.Formats;

/// <summary>
/// How samples of a picture become the numbers that a network expects: <c>(sample * Range - Mean[c]) / Std[c]</c> with samples
/// in 0..1 and c counted in the network's own channel order.
/// </summary>
public sealed class PicturePreprocessing
{
    private static readonly string[] Keys = ["range", "order", "mean", "std"];
    private static readonly string[] Presets = ["unit", "byte", "imagenet"];

    private PicturePreprocessing(float range, bool isBgr, float[] mean, float[] std)
    {
        Range = range;
        IsBgr = isBgr;
        Mean = mean;
        Std = std;
    }

    /// <summary>RGB in 0..1: the default.</summary>
    public static PicturePreprocessing Unit { get; } = new(1, false, [0], [1]);

    /// <summary>RGB in 0..255.</summary>
    public static PicturePreprocessing Byte { get; } = new(255, false, [0], [1]);

    /// <summary>RGB in 0..1, less the mean .485/.456/.406 and divided by the standard deviation .229/.224/.225 of ImageNet.</summary>
    public static PicturePreprocessing ImageNet { get; } = new(1, false, [.485f, .456f, .406f], [.229f, .224f, .225f]);

    /// <summary>The value of a full sample before mean and deviation: 1 or 255.</summary>
    public float Range { get; }

    /// <summary>Whether the network's first channel is blue.</summary>
    public bool IsBgr { get; }

    /// <summary>Subtracted: one value for all channels or one each.</summary>
    public IReadOnlyList<float> Mean { get; }

    /// <summary>Divided by: one value for all channels or one each; none is 0.</summary>
    public IReadOnlyList<float> Std { get; }

    /// <summary>
    /// Parses <c>unit</c>, <c>byte</c>, <c>imagenet</c>, or the form <c>range=255,order=bgr,mean=103.94/116.78/123.68,std=1</c>,
    /// in which every key may be left out (then it is as in <c>unit</c>).
    /// </summary>
    /// <exception cref="VkNetException">VKN6510: an unknown preset or key, a key given twice, or a value that is no number.</exception>
    public static PicturePreprocessing Parse(string text)
    {
        switch (text.Trim().ToLowerInvariant())
        {
            case "unit": return Unit;
            case "byte": return Byte;
            case "imagenet": return ImageNet;
        }
        if (!text.Contains('=', StringComparison.Ordinal))
            throw Fault($"'{text}' is no preset", $"{Suggestion.For(text, Presets)}; or spell it out: range=255,order=bgr,mean=103.94/116.78/123.68,std=1");

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0) throw Fault($"'{part}' in '{text}' is not of the form key=value", "channels of one key are separated by '/'");
            var key = part[..equals].Trim().ToLowerInvariant();
            if (!Keys.Contains(key)) throw Fault($"'{key}' in '{text}' is no key", Suggestion.For(key, Keys));
            if (!values.TryAdd(key, part[(equals + 1)..].Trim())) throw Fault($"'{key}' stands twice in '{text}'", null);
        }
        var order = values.GetValueOrDefault("order", "rgb").ToLowerInvariant();
        if (order is not ("rgb" or "bgr")) throw Fault($"order={order} is not known", "order is rgb or bgr");
        var range = Numbers(values, "range", "1");
        if (range is not [> 0]) throw Fault($"range={values["range"]} is not one positive number", null);
        var std = Numbers(values, "std", "1");
        if (std.Contains(0)) throw Fault($"std={values["std"]} would divide by zero", null);
        return new PicturePreprocessing(range[0], order == "bgr", Numbers(values, "mean", "0"), std);
    }

    /// <summary>Spelt out, so that <see cref="Parse"/> gives the same again.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"range={Range},order={(IsBgr ? "bgr" : "rgb")},mean={Join(Mean)},std={Join(Std)}");

    /// <summary>Mean and deviation of one channel of <paramref name="channels"/>.</summary>
    /// <exception cref="VkNetException">VKN6510: the numbers given are neither one nor as many as the channels.</exception>
    internal (float Mean, float Std) Channel(int channel, int channels) => (Pick(Mean, "mean", channel, channels), Pick(Std, "std", channel, channels));

    private static float Pick(IReadOnlyList<float> values, string key, int channel, int channels)
    {
        if (values.Count == 1) return values[0];
        if (values.Count == channels) return values[channel];
        throw Fault($"{key}={Join(values)} gives {values.Count} numbers for a picture of {channels} channel{(channels == 1 ? "" : "s")}", "give one for all channels or one each");
    }

    private static float[] Numbers(Dictionary<string, string> values, string key, string otherwise)
    {
        var text = values.GetValueOrDefault(key, otherwise);
        return [.. text.Split('/').Select(part =>
            float.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && float.IsFinite(number)
                ? number : throw Fault($"'{part}' in {key}={text} is no number", "write 0.5, or 0.4/0.5/0.6 for each channel"))];
    }

    private static string Join(IEnumerable<float> values) => string.Join('/', values.Select(v => v.ToString(CultureInfo.InvariantCulture)));

    private static VkNetException Fault(string message, string? help) => new("VKN6510", $"picture preprocessing: {message}", help);
}
