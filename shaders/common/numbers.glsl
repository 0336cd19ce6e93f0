#ifndef VKNET_NUMBERS
#define VKNET_NUMBERS
// Elementary functions on four numbers at a time, made of additions, multiplications and bit operations only, because the
// built-in ones are allowed errors of thousands of ulps and differ between drivers. Each is within about 1e-6 (relative)
// of the true value unless it says otherwise. NaN goes in and comes out; infinities give the limits.
// The polynomial coefficients are minimax fits (Remez exchange) of the function named, made for this file.

#define INFINITY uintBitsToFloat(0x7F800000u)

// Bit tests, because a compiler may assume that a comparison never sees a NaN.
bvec4 isNan4(vec4 x) { return greaterThan(floatBitsToUint(x) & 0x7FFFFFFFu, uvec4(0x7F800000u)); }
bvec4 isInfinite4(vec4 x) { return equal(floatBitsToUint(x) & 0x7FFFFFFFu, uvec4(0x7F800000u)); }

// a where the condition is true, else b: a select, never a blend (0 * infinity would be NaN).
vec4 choose(bvec4 condition, vec4 a, vec4 b) { return mix(b, a, condition); }

// The whole number nearest to x, for |x| < 2^22; halves go to the even one. It is in the lowest bits of the sum: read from there, because
// "precise" does not keep SwiftShader from taking back an addition in a loop that it has unrolled.
ivec4 nearestInteger(vec4 x) { return floatBitsToInt(x + 12582912.0) - 0x4B400000; }

// 2^n for whole n in -126 ... 127.
vec4 powerOfTwo(vec4 n) { return intBitsToFloat((ivec4(n) + 127) << 23); }

// x * 2^n for whole n in -252 ... 254, in two factors so that neither leaves the range.
vec4 scaleByPowerOfTwo(vec4 x, vec4 n)
{
    vec4 part = floor(0.5 * n);
    return x * powerOfTwo(part) * powerOfTwo(n - part);
}

// Splits x = n log 2 + r with |r| <= log(2) / 2; n is returned, r is given back through the parameter.
vec4 splitByLog2(vec4 x, out vec4 r)
{
    vec4 n = vec4(nearestInteger(x * 1.44269504));
    precise vec4 high = x - n * 0.693359375;
    precise vec4 low = high + n * 2.12194440e-4;
    r = low;
    return n;
}

vec4 exponential(vec4 x)
{
    vec4 limited = clamp(x, -104.0, 89.0);
    vec4 r;
    vec4 n = splitByLog2(limited, r);
    vec4 series = ((((1.381460752e-3 * r + 8.368711102e-3) * r + 4.166838754e-2) * r + 0.1666652068) * r + 0.4999999345) * r * r + r + 1.0;
    return choose(isNan4(x), x, scaleByPowerOfTwo(series, n));
}

// e^x for x <= 0, in half the instructions: below -87 it is 0, and of a NaN it is anything.
vec4 exponentialOfNegative(vec4 x)
{
    precise vec4 turns = max(x, -88.0) * 1.44269504;
    ivec4 whole = nearestInteger(turns);
    vec4 n = vec4(whole);
    vec4 r = (max(x, -88.0) - n * 0.693359375) + n * 2.12194440e-4;
    vec4 series = ((((1.381460752e-3 * r + 8.368711102e-3) * r + 4.166838754e-2) * r + 0.1666652068) * r + 0.4999999345) * r * r + r + 1.0;
    vec4 scaled = intBitsToFloat(floatBitsToInt(series) + (whole << 23));
    return choose(lessThan(x, vec4(-87.0)), vec4(0.0), scaled);
}

vec4 exponentialMinusOne(vec4 x)
{
    vec4 limited = clamp(x, -104.0, 89.0);
    vec4 r;
    vec4 n = splitByLog2(limited, r);
    vec4 series = (((((1.990757403e-4 * r + 1.394858303e-3) * r + 8.333286023e-3) * r + 4.166624068e-2) * r + 0.1666666676) * r + 0.5000000081) * r * r + r;
    vec4 scaled = scaleByPowerOfTwo(series, n) + (scaleByPowerOfTwo(vec4(1.0), n) - 1.0);
    return choose(isNan4(x), x, choose(equal(n, vec4(0.0)), series, scaled));
}

// log(1 + f) for f in -0.293 ... 0.415.
vec4 logarithmNearOne(vec4 f)
{
    vec4 series = (((((((-0.0763458365 * f + 0.1276169766) * f - 0.1316020738) * f + 0.1420174375) * f - 0.1662335353) * f + 0.2000122734) * f
        - 0.2500082114) * f + 0.333333317) * f * f * f;
    return f + (series - 0.5 * f * f);
}

// Splits x = (1 + f) 2^n with f in -0.293 ... 0.415, for positive normal x.
vec4 splitExponent(vec4 x, out vec4 f)
{
    ivec4 bits = floatBitsToInt(x) - 0x3F3504F3;
    ivec4 n = bits >> 23;
    f = intBitsToFloat((bits & 0x007FFFFF) + 0x3F3504F3) - 1.0;
    return vec4(n);
}

vec4 logarithm(vec4 x)
{
    bvec4 tiny = lessThan(x, vec4(1.17549435e-38));
    vec4 f;
    vec4 n = splitExponent(choose(tiny, x * 8388608.0, x), f) - choose(tiny, vec4(23.0), vec4(0.0));
    vec4 result = n * 0.693359375 + (logarithmNearOne(f) - n * 2.12194440e-4);
    result = choose(equal(x, vec4(INFINITY)), x, result);
    result = choose(equal(x, vec4(0.0)), vec4(-INFINITY), result);
    return choose(lessThan(x, vec4(0.0)), vec4(uintBitsToFloat(0x7FC00000u)), choose(isNan4(x), x, result));
}

vec4 logarithmPlusOne(vec4 x)
{
    precise vec4 one = 1.0 + x;
    // What the rounding of 1 + x lost, put back to first order.
    precise vec4 lost = x - (one - 1.0);
    vec4 large = logarithm(one);
    large = choose(isInfinite4(large), large, large + lost / one);
    return choose(lessThan(abs(x), vec4(0.25)), logarithmNearOne(x), large);
}

vec4 sigmoid(vec4 x) { return 1.0 / (1.0 + exponential(-x)); }

vec4 hyperbolicTangent(vec4 x)
{
    vec4 square = x * x;
    vec4 small = ((((-5.704989666e-3 * square + 2.063908979e-2) * square - 5.373971591e-2) * square + 0.1333144221) * square - 0.3333328194) * square * x + x;
    vec4 magnitude = 1.0 - 2.0 / (exponential(2.0 * abs(x)) + 1.0);
    return choose(lessThan(abs(x), vec4(0.625)), small, choose(lessThan(x, vec4(0.0)), -magnitude, magnitude));
}

// 1 - erf(x) for x >= 1; underflows to 0 at about 9.
vec4 complementaryErrorFunctionAboveOne(vec4 x)
{
    vec4 t = 2.0 / (2.0 + x);
    vec4 series = (((((((8.089276849e-2 * t - 0.1850455672) * t + 2.506674447e-2) * t + 0.1053379544) * t + 0.1580434316) * t + 0.2529668081) * t
        + 0.2809908645) * t + 0.2821993982) * t - 4.103061299e-6;
    // x * x is split, since its rounding error would be multiplied by itself.
    vec4 high = uintBitsToFloat(floatBitsToUint(x) & 0xFFFFF000u);
    precise vec4 low = (x - high) * (x + high);
    return series * exponential(-high * high) * exponential(-low);
}

vec4 errorFunctionBelowOne(vec4 x)
{
    vec4 square = x * x;
    return ((((((7.85386713e-5 * square - 8.010195379e-4) * square + 5.188327884e-3) * square - 2.685381204e-2) * square + 0.1128358515) * square
        - 0.3761262582) * square + 1.128379166) * x;
}

vec4 errorFunction(vec4 x)
{
    vec4 magnitude = 1.0 - complementaryErrorFunctionAboveOne(clamp(abs(x), 1.0, 10.0));
    vec4 large = choose(lessThan(x, vec4(0.0)), -magnitude, magnitude);
    return choose(isNan4(x), x, choose(lessThan(abs(x), vec4(1.0)), errorFunctionBelowOne(x), large));
}

// a * (1 + erf(a / sqrt 2)) / 2, without the cancellation that the formula as written has for negative a.
vec4 gelu(vec4 a)
{
    vec4 x = a * 0.70710678;
    vec4 tail = complementaryErrorFunctionAboveOne(clamp(abs(x), 1.0, 10.0));
    vec4 weight = choose(lessThan(abs(x), vec4(1.0)), 0.5 + 0.5 * errorFunctionBelowOne(x),
        choose(lessThan(x, vec4(0.0)), 0.5 * tail, 1.0 - 0.5 * tail));
    // -infinity has the limit 0, which infinity * 0 would miss.
    return choose(isNan4(a), a, choose(equal(a, vec4(-INFINITY)), vec4(0.0), a * weight));
}

vec4 geluTanh(vec4 a)
{
    // (1 + tanh u) / 2 is sigmoid(2 u).
    vec4 weight = sigmoid(1.595769122 * (a + 0.044715 * a * a * a));
    return choose(equal(a, vec4(-INFINITY)), vec4(0.0), a * weight);
}

vec4 softplus(vec4 a) { return max(a, vec4(0.0)) + logarithmPlusOne(exponential(-abs(a))); }

vec4 mish(vec4 a)
{
    // tanh(log(1 + e)) = (e^2 + 2 e) / (e^2 + 2 e + 2), with e = e^a; for a > 20 it is 1.
    vec4 e = exponential(min(a, vec4(20.0)));
    vec4 top = e * (e + 2.0);
    vec4 result = a * (top / (top + 2.0));
    return choose(isNan4(a), a, choose(equal(a, vec4(-INFINITY)), vec4(0.0), choose(greaterThan(a, vec4(20.0)), a, result)));
}

#endif
