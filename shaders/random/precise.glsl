#ifndef VKNET_PRECISE
#define VKNET_PRECISE
// Functions whose every operation is rounded alone (no operation is merged with another), so that results are the same on every device.
// Polynomials are minimax fits (Remez exchange) made for this file.

// -2 log(u) for u = whole / 2^24 with whole in 1 ... 2^24; relative error below 2 ulp.
vec4 minusTwoLogarithm(uvec4 whole)
{
    vec4 u = vec4(whole) * 5.9604644775390625e-8;
    ivec4 bits = floatBitsToInt(u) - 0x3F3504F3;
    precise vec4 n = vec4(bits >> 23);
    precise vec4 f = intBitsToFloat((bits & 0x007FFFFF) + 0x3F3504F3) - 1.0;
    precise vec4 series = ((((((((0.07332531808 * f - 0.11659929353) * f + 0.11634661639) * f - 0.12396700454) * f + 0.14251155741) * f - 0.16669151002) * f
        + 0.20000688083) * f - 0.24999981186) * f + 0.33333331257) * f;
    // log(1 + f) = f - f^2 (1/2 - series)
    precise vec4 square = f * f;
    precise vec4 low = n * -2.12194440e-4 - square * (0.5 - series);
    precise vec4 near = low + f;
    precise vec4 result = n * 0.693359375 + near;
    return -2.0 * result;
}

// The square root with an error below 1 ulp: the built-in one, which may be worse, and a step of Newton's method with an exact residual.
vec4 preciseSquareRoot(vec4 x)
{
    precise vec4 root = sqrt(x);
    precise vec4 high = uintBitsToFloat(floatBitsToUint(root) & 0xFFFFF000u);
    precise vec4 low = root - high;
    precise vec4 residual = ((x - high * high) - 2.0 * high * low) - low * low;
    precise vec4 result = root + residual / (2.0 * root);
    return mix(result, vec4(0.0), equal(x, vec4(0.0)));
}

// sin(2 pi angle / 2^24); relative error below 2 ulp, also near the zeros, since the angle is folded as a whole number.
vec4 sineOfTurn(uvec4 angle)
{
    uvec4 folded = angle & 0x7FFFFFu;
    folded = mix(folded, 0x800000u - folded, greaterThan(folded, uvec4(0x400000u)));
    bvec4 steep = lessThanEqual(folded, uvec4(0x200000u));
    precise vec4 z = vec4(mix(0x400000u - folded, folded, steep)) * 4.76837158203125e-7; // in eighths of a turn: 0 ... 1
    precise vec4 square = z * z;
    precise vec4 odd = (((3.098670958e-7 * square - 3.657402449e-5) * square + 2.490394135e-3) * square - 0.08074551217) * square;
    // pi / 4 in two parts, the first with few digits, so that its product is exact.
    precise vec4 sine = z * 0.78515625 + z * (2.419133974e-4 + odd);
    precise vec4 even = (((3.541966947e-6 * square - 3.259614017e-4) * square + 0.01585433816) * square - 0.3084251373) * square;
    precise vec4 cosine = 1.0 + even;
    vec4 magnitude = mix(cosine, sine, steep);
    return mix(magnitude, -magnitude, notEqual(angle & 0x800000u, uvec4(0u)));
}

// Four standard normal numbers from four random words (Box, Muller 1958): each pair gives a radius and an angle.
vec4 normalOf(uvec4 words)
{
    vec4 radius = preciseSquareRoot(minusTwoLogarithm((words.xxzz >> 8) + 1u));
    // cos x = sin(x + a quarter turn)
    precise vec4 result = radius * sineOfTurn(((words.yyww >> 8) + uvec4(0x400000u, 0u, 0x400000u, 0u)) & 0xFFFFFFu);
    return result;
}

// e^x for x <= 0; 0 below -87. The host computes the same, operation by operation (RandomNumbers.Exponential).
float preciseExponential(float x)
{
    precise float limited = max(x, -87.0);
    precise float turns = limited * 1.44269502;
    float n = float(floatBitsToInt(turns + 12582912.0) - 0x4B400000); // see nearestInteger in common/numbers.glsl
    precise float high = limited - n * 0.693359375;
    precise float r = high + n * 2.12194442e-4;
    precise float square = r * r;
    precise float series = (((0.00138146081 * r + 0.00836871099) * r + 0.0416683890) * r + 0.166665211) * r + 0.499999940;
    precise float sum = series * square + r;
    precise float one = sum + 1.0;
    precise float result = one * intBitsToFloat((int(n) + 127) << 23);
    return x < -87.0 ? 0.0 : result;
}

#endif
