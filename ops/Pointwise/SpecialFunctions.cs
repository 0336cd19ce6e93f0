namespace VkNet.Operators.Pointwise;

/// <summary>Functions in double precision that .NET does not have.</summary>
internal static class SpecialFunctions
{
    /// <summary>e^x - 1 (Kahan's correction of the rounded exponential).</summary>
    internal static double ExpMinusOne(double x)
    {
        var u = Math.Exp(x);
        if (u == 1) return x;
        if (double.IsInfinity(u) || double.IsNaN(u)) return u;
        return u - 1 == -1 ? -1 : (u - 1) * x / Math.Log(u);
    }

    /// <summary>log(1 + x) (Kahan's correction of the rounded sum).</summary>
    internal static double LogPlusOne(double x)
    {
        var u = 1 + x;
        return u == 1 ? x : double.IsPositiveInfinity(u) ? u : Math.Log(u) * x / (u - 1);
    }

    /// <summary>1 / (1 + e^-x).</summary>
    internal static double Sigmoid(double x)
    {
        if (x >= 0) return 1 / (1 + Math.Exp(-x));
        var e = Math.Exp(x);
        return e / (1 + e);
    }

    /// <summary>log(1 + e^x).</summary>
    internal static double Softplus(double x) => double.IsNaN(x) ? x : Math.Max(x, 0) + LogPlusOne(Math.Exp(-Math.Abs(x)));

    /// <summary>The distribution function of the standard normal distribution.</summary>
    internal static double NormalDistribution(double x) => x < 0 ? 0.5 * Erfc(-x / Math.Sqrt(2)) : 1 - 0.5 * Erfc(x / Math.Sqrt(2));

    /// <summary>The error function.</summary>
    internal static double Erf(double x)
    {
        if (double.IsNaN(x)) return x;
        if (Math.Abs(x) > 3) return x > 0 ? 1 - Erfc(x) : Erfc(-x) - 1;
        // e^(-x^2) times a series of positive terms (Abramowitz and Stegun 7.1.6): no cancellation.
        double term = x, sum = x;
        for (var n = 1; n < 200 && Math.Abs(term) > 1e-18 * Math.Abs(sum); n++)
        {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }

    /// <summary>1 - erf(x) for x &gt;= 0.</summary>
    internal static double Erfc(double x)
    {
        if (x <= 3) return 1 - Erf(x);
        // The continued fraction (Abramowitz and Stegun 7.1.14), evaluated from its tail.
        double fraction = 0;
        for (var n = 60; n >= 1; n--) fraction = n / 2.0 / (x + fraction);
        return Math.Exp(-x * x) / Math.Sqrt(Math.PI) / (x + fraction);
    }
}
