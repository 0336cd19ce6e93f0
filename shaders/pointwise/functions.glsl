#ifndef VKNET_POINTWISE_FUNCTIONS
#define VKNET_POINTWISE_FUNCTIONS
// The opcodes that only the pointwise kernels know (64 and above), on reals. Include after common/pointwise.glsl.
// Errors are within a few 1e-7 of the value unless a function says otherwise; the arguments of sine, cosine and tangent
// are reduced exactly up to about 1e5.

#define QUIET_NAN uintBitsToFloat(0x7FC00000u)

bvec4 isNegative4(vec4 x) { return lessThan(floatBitsToInt(x), ivec4(0)); }

// The magnitude of the first with the sign of the second.
vec4 withSignOf(vec4 magnitude, vec4 sign)
{
    return uintBitsToFloat((floatBitsToUint(magnitude) & 0x7FFFFFFFu) | (floatBitsToUint(sign) & 0x80000000u));
}

vec4 truncate4(vec4 x) { return withSignOf(floor(abs(x)), x); }

// a^n for whole n in -63 ... 63 by repeated squaring: exact where the result and its factors are whole and below 2^24.
vec4 powerOfSmallWhole(vec4 a, vec4 n)
{
    ivec4 left = ivec4(abs(n));
    vec4 factor = a;
    vec4 result = vec4(1.0);
    for (int bit = 0; bit < 6; bit++)
    {
        result = choose(notEqual(left & 1, ivec4(0)), result * factor, result);
        factor *= factor;
        left >>= 1;
    }
    return choose(lessThan(n, vec4(0.0)), 1.0 / result, result);
}

// a^b, with the special values of IEEE 754's pow. For b that is not a small whole number the relative error grows with
// |b log a| and reaches 1e-5 at the ends of the range.
vec4 power(vec4 a, vec4 b)
{
    vec4 logOfSize = logarithm(abs(a));
    vec4 size = exponential(b * logOfSize);
    size = choose(equal(abs(a), vec4(1.0)), vec4(1.0), size);
    bvec4 whole = equal(floor(b), b);
    bvec4 odd = notEqual(floor(0.5 * b) * 2.0, b);
    vec4 negative = choose(odd, -size, size);
    vec4 result = choose(isNegative4(a), choose(whole, negative, choose(equal(a, vec4(0.0)), size, choose(isInfinite4(a), size, vec4(QUIET_NAN)))), size);
    result = choose(lessThan(abs(b), vec4(64.0)), choose(whole, powerOfSmallWhole(a, b), result), result);
    result = choose(isNan4(a), a, choose(isNan4(b), b, result));
    return choose(equal(b, vec4(0.0)), vec4(1.0), choose(equal(a, vec4(1.0)), vec4(1.0), result));
}

// Splits x into a quarter turn's number and the rest, -pi/4 ... pi/4; pi/2 is taken away in three parts.
ivec4 splitByQuarterTurn(vec4 x, out vec4 rest)
{
    vec4 n = floor(x * 0.636619772 + 0.5);
    precise vec4 high = x - n * 1.5703125;
    precise vec4 middle = high - n * 4.83751296997e-4;
    precise vec4 low = middle - n * 7.54978995489e-8;
    rest = low;
    return ivec4(n);
}

// The Taylor series: the first omitted terms are below 2e-9 at pi/4.
vec4 sineOfRest(vec4 r)
{
    vec4 s = r * r;
    return r + r * s * (-1.0 / 6.0 + s * (1.0 / 120.0 + s * (-1.0 / 5040.0 + s * (1.0 / 362880.0))));
}

vec4 cosineOfRest(vec4 r)
{
    vec4 s = r * r;
    return 1.0 + s * (-0.5 + s * (1.0 / 24.0 + s * (-1.0 / 720.0 + s * (1.0 / 40320.0 - s * (1.0 / 3628800.0)))));
}

vec4 sineOfTurns(vec4 r, ivec4 quarters)
{
    vec4 result = choose(notEqual(quarters & 1, ivec4(0)), cosineOfRest(r), sineOfRest(r));
    return choose(notEqual(quarters & 2, ivec4(0)), -result, result);
}

vec4 sine(vec4 x)
{
    vec4 r;
    ivec4 quarters = splitByQuarterTurn(x, r);
    return sineOfTurns(r, quarters);
}

vec4 cosine(vec4 x)
{
    vec4 r;
    ivec4 quarters = splitByQuarterTurn(x, r);
    return sineOfTurns(r, quarters + 1);
}

vec4 tangent(vec4 x)
{
    vec4 r;
    ivec4 quarters = splitByQuarterTurn(x, r);
    return sineOfTurns(r, quarters) / sineOfTurns(r, quarters + 1);
}

vec4 arcTangent(vec4 x)
{
    vec4 size = abs(x);
    bvec4 large = greaterThan(size, vec4(1.0));
    vec4 t = choose(large, 1.0 / size, size);
    // Above tan(pi/8): atan t = pi/4 + atan((t - 1) / (t + 1)).
    bvec4 steep = greaterThan(t, vec4(0.414213562));
    t = choose(steep, (t - 1.0) / (t + 1.0), t);
    vec4 s = t * t;
    // A polynomial through the Chebyshev points of the interval; error 3e-9.
    vec4 angle = t + t * s * (-0.3333333176 + s * (0.1999954048 + s * (-0.1426395560 + s * (0.1074373147 - s * 0.0645192817))));
    angle = choose(steep, 0.785398163 + angle, angle);
    angle = choose(large, 1.57079633 - angle, angle);
    return choose(isNan4(x), x, withSignOf(angle, x));
}

// The square root, NaN below zero (which GLSL leaves open).
vec4 squareRoot(vec4 x) { return choose(isNan4(x), x, choose(lessThan(x, vec4(0.0)), vec4(QUIET_NAN), sqrt(max(x, vec4(0.0))))); }

vec4 arcSine(vec4 x) { return choose(isNan4(x), x, arcTangent(x / squareRoot((1.0 - x) * (1.0 + x)))); }

vec4 arcCosine(vec4 x)
{
    vec4 angle = 2.0 * arcTangent(squareRoot((1.0 - x) / (1.0 + x)));
    return choose(isNan4(x), x, angle);
}

vec4 hyperbolicSine(vec4 x)
{
    vec4 size = abs(x);
    vec4 less = exponentialMinusOne(min(size, vec4(30.0)));
    vec4 half_ = exponential(0.5 * size);
    vec4 result = choose(lessThan(size, vec4(20.0)), 0.5 * (less + less / (less + 1.0)), (0.5 * half_) * half_);
    return choose(isNan4(x), x, withSignOf(result, x));
}

vec4 hyperbolicCosine(vec4 x)
{
    vec4 half_ = exponential(0.5 * abs(x));
    vec4 whole = half_ * half_;
    return choose(lessThan(abs(x), vec4(20.0)), 0.5 * (whole + 1.0 / whole), (0.5 * half_) * half_);
}

vec4 areaSine(vec4 x)
{
    vec4 size = abs(x);
    vec4 bounded = min(size, vec4(1e10));
    vec4 square = bounded * bounded;
    vec4 result = logarithmPlusOne(bounded + square / (1.0 + sqrt(1.0 + square)));
    result = choose(greaterThan(size, vec4(1e9)), logarithm(size) + 0.693147181, result);
    return choose(isNan4(x), x, withSignOf(result, x));
}

vec4 areaCosine(vec4 x)
{
    vec4 t = min(x, vec4(1e10)) - 1.0;
    vec4 result = logarithmPlusOne(t + squareRoot(t * (2.0 + t)));
    result = choose(greaterThan(x, vec4(1e9)), logarithm(x) + 0.693147181, result);
    return choose(isNan4(x), x, choose(lessThan(x, vec4(1.0)), vec4(QUIET_NAN), result));
}

vec4 areaTangent(vec4 x)
{
    vec4 size = abs(x);
    vec4 result = 0.5 * logarithmPlusOne(2.0 * size / (1.0 - size));
    result = choose(equal(size, vec4(1.0)), vec4(INFINITY), result);
    return choose(isNan4(x), x, choose(greaterThan(size, vec4(1.0)), vec4(QUIET_NAN), withSignOf(result, x)));
}

// The exact remainder of a / b with the sign of a, by long division of the significands, eight bits at a time.
float remainderOf(float a, float b)
{
    uint bitsA = floatBitsToUint(a) & 0x7FFFFFFFu;
    uint bitsB = floatBitsToUint(b) & 0x7FFFFFFFu;
    if (bitsA >= 0x7F800000u || bitsB == 0u || bitsB > 0x7F800000u) return bitsA > 0x7F800000u ? a : QUIET_NAN;
    if (bitsA < bitsB) return a;
    int exponentA = max(int(bitsA >> 23), 1);
    int exponentB = max(int(bitsB >> 23), 1);
    uint rest = (bitsA & 0x7FFFFFu) | (bitsA >= 0x800000u ? 0x800000u : 0u);
    uint divisor = (bitsB & 0x7FFFFFu) | (bitsB >= 0x800000u ? 0x800000u : 0u);
    rest %= divisor;
    for (int left = exponentA - exponentB; left > 0 && rest != 0u; left -= 8) rest = (rest << min(left, 8)) % divisor;
    if (rest == 0u) return uintBitsToFloat(floatBitsToUint(a) & 0x80000000u);
    // rest * 2^(exponentB - 150), in two factors that are both powers of two in range.
    int power = exponentB - 150;
    int part = power / 2;
    float result = float(rest) * uintBitsToFloat(uint(part + 127) << 23) * uintBitsToFloat(uint(power - part + 127) << 23);
    return (floatBitsToUint(a) & 0x80000000u) != 0u ? -result : result;
}

vec4 remainder4(vec4 a, vec4 b) { return vec4(remainderOf(a.x, b.x), remainderOf(a.y, b.y), remainderOf(a.z, b.z), remainderOf(a.w, b.w)); }

vec4 modulo4(vec4 a, vec4 b)
{
    vec4 rest = remainder4(a, b);
    bvec4 otherSide = notEqual(isNegative4(rest), isNegative4(b));
    return choose(equal(rest, vec4(0.0)), withSignOf(rest, b), choose(isNan4(rest), rest, choose(otherSide, rest + b, rest)));
}

vec4 isInfiniteOfSign(vec4 a, float alpha, float beta)
{
    vec4 chosen = choose(isNegative4(a), vec4(alpha != 0.0 ? 1.0 : 0.0), vec4(beta != 0.0 ? 1.0 : 0.0));
    return choose(isInfinite4(a), chosen, vec4(0.0));
}

// Comparisons with NaN are false in IEEE 754; the bit test says so even where a compiler assumes that there are none.
bvec4 ordered(vec4 a, vec4 b) { return not(bvec4(uvec4(isNan4(a)) | uvec4(isNan4(b)))); }

#define ORDERED_TRUTH(condition) choose(ordered(a, b), TRUTH(condition), vec4(0.0))

vec4 pointwiseStepOfKernel(uint opcode, vec4 result, vec4 a, vec4 b, vec4 c, float alpha, float beta)
{
    const vec4 zero = vec4(0.0);
    bvec4 isA = notEqual(a, zero);
    bvec4 isB = notEqual(b, zero);
    CASE(OP_POWER, power(a, b));
    CASE(OP_LOGARITHM, logarithm(a));
    CASE(OP_RECIPROCAL_SQUARE_ROOT, choose(isA, 1.0 / squareRoot(a), 1.0 / a)); // drivers that fuse root and quotient lose the sign of zero
    CASE(OP_FLOOR, floor(a));
    CASE(OP_CEILING, ceil(a));
    CASE(OP_ROUND, roundEven(a));
    CASE(OP_TRUNCATE, truncate4(a));
    CASE(OP_SIGN, choose(isNan4(a), a, sign(a)));
    CASE(OP_ERROR_FUNCTION, errorFunction(a));
    CASE(OP_SINE, sine(a));
    CASE(OP_COSINE, cosine(a));
    CASE(OP_TANGENT, tangent(a));
    CASE(OP_ARC_SINE, arcSine(a));
    CASE(OP_ARC_COSINE, arcCosine(a));
    CASE(OP_ARC_TANGENT, arcTangent(a));
    CASE(OP_HYPERBOLIC_SINE, hyperbolicSine(a));
    CASE(OP_HYPERBOLIC_COSINE, hyperbolicCosine(a));
    CASE(OP_AREA_SINE, areaSine(a));
    CASE(OP_AREA_COSINE, areaCosine(a));
    CASE(OP_AREA_TANGENT, areaTangent(a));
    CASE(OP_IS_NAN, TRUTH(isNan4(a)));
    CASE(OP_IS_INFINITE, isInfiniteOfSign(a, alpha, beta));
    CASE(OP_LOGICAL_NOT, TRUTH(not(isA)));
    CASE(OP_LOGICAL_AND, choose(isA, TRUTH(isB), zero));
    CASE(OP_LOGICAL_OR, choose(isA, vec4(1.0), TRUTH(isB)));
    CASE(OP_LOGICAL_XOR, TRUTH(notEqual(isA, isB)));
    CASE(OP_EQUAL, ORDERED_TRUTH(equal(a, b)));
    CASE(OP_NOT_EQUAL, 1.0 - ORDERED_TRUTH(equal(a, b)));
    CASE(OP_LESS, ORDERED_TRUTH(lessThan(a, b)));
    CASE(OP_LESS_OR_EQUAL, ORDERED_TRUTH(lessThanEqual(a, b)));
    CASE(OP_GREATER, ORDERED_TRUTH(greaterThan(a, b)));
    CASE(OP_GREATER_OR_EQUAL, ORDERED_TRUTH(greaterThanEqual(a, b)));
    CASE(OP_WHERE, choose(isA, b, c));
    CASE(OP_MODULO, modulo4(a, b));
    CASE(OP_REMAINDER, remainder4(a, b));
    CASE(OP_SOFTSIGN, choose(isInfinite4(a), sign(a), a / (1.0 + abs(a))));
    CASE(OP_SELU, beta * choose(greaterThan(a, zero), a, alpha * exponentialMinusOne(a)));
    CASE(OP_CELU, choose(lessThan(a, zero), alpha * exponentialMinusOne(a / alpha), a));
    CASE(OP_THRESHOLDED_RELU, choose(isNan4(a), a, choose(greaterThan(a, vec4(alpha)), a, zero)));
    CASE(OP_SHRINK, choose(isNan4(a), a, choose(lessThan(a, vec4(-alpha)), a + beta, choose(greaterThan(a, vec4(alpha)), a - beta, zero))));
    CASE(OP_EXPONENTIAL_MINUS_ONE, exponentialMinusOne(a));
    CASE(OP_LOGARITHM_PLUS_ONE, logarithmPlusOne(a));
    return result;
}

#endif
