#ifndef VKNET_FOLD
#define VKNET_FOLD
// What the reduction kernels share: how an element is taken in, how two partial results are joined, and what is made of the last one.
//
// Specialization constants: MAP, what is done to an element first; COMBINE, how elements are joined; FINISH, what is done to the
// result (all zero in passes that are not the last); PROGRAM, when the pointwise program runs. With INTEGER defined elements are exact 32-bit whole numbers.
// A partial result is a value and, for the logarithm of a sum of exponentials, a scale: it stands for value + log(scale).
#include "common/numbers.glsl"
#include "reduction/fold_constants.glsl"

layout(constant_id = 0) const int MAP = 0;
layout(constant_id = 1) const int COMBINE = 0;
layout(constant_id = 2) const int FINISH = 0;
layout(constant_id = 4) const int PROGRAM = 0;

#ifdef INTEGER
#define VALUE ivec4
#define TO_VALUE(loaded) floatBitsToInt(loaded)
#define FROM_VALUE(value) intBitsToFloat(value)
#else
#define VALUE vec4
#define TO_VALUE(loaded) (loaded)
#define FROM_VALUE(value) (value)
#endif

struct Partial
{
    VALUE value;
    vec4 scale;
};

VALUE chooseValue(bvec4 condition, VALUE a, VALUE b)
{
    return VALUE(condition.x ? a.x : b.x, condition.y ? a.y : b.y, condition.z ? a.z : b.z, condition.w ? a.w : b.w);
}

#ifdef INTEGER
ivec4 larger(ivec4 a, ivec4 b) { return max(a, b); }
ivec4 smaller(ivec4 a, ivec4 b) { return min(a, b); }
#else
// NaN if either is.
vec4 larger(vec4 a, vec4 b) { return choose(isNan4(a), a, choose(isNan4(b), b, max(a, b))); }
vec4 smaller(vec4 a, vec4 b) { return choose(isNan4(a), a, choose(isNan4(b), b, min(a, b))); }
#endif

// The result of no elements.
Partial nothing()
{
#ifdef INTEGER
    int value = COMBINE == COMBINE_PRODUCT ? 1 : COMBINE == COMBINE_MAXIMUM ? -2147483647 - 1 : COMBINE == COMBINE_MINIMUM ? 2147483647 : 0;
#else
    float value = COMBINE == COMBINE_PRODUCT ? 1.0 : COMBINE == COMBINE_MAXIMUM || COMBINE == COMBINE_EXPONENTIALS ? -INFINITY : COMBINE == COMBINE_MINIMUM ? INFINITY : 0.0;
#endif
    return Partial(VALUE(value), vec4(0.0));
}

// An element by itself.
Partial single(VALUE x)
{
    if (MAP == MAP_ABSOLUTE) x = abs(x);
    if (MAP == MAP_SQUARE) x = x * x;
    return Partial(x, vec4(1.0));
}

Partial join(Partial a, Partial b)
{
    if (COMBINE == COMBINE_SUM) return Partial(a.value + b.value, a.scale);
    if (COMBINE == COMBINE_PRODUCT) return Partial(a.value * b.value, a.scale);
    if (COMBINE == COMBINE_MAXIMUM) return Partial(larger(a.value, b.value), a.scale);
    if (COMBINE == COMBINE_MINIMUM) return Partial(smaller(a.value, b.value), a.scale);
#ifdef INTEGER
    return a;
#else
    // The larger exponent is taken out; equal ones (both infinite, too) are not subtracted.
    vec4 largest = larger(a.value, b.value);
    vec4 scale = a.scale * choose(equal(a.value, largest), vec4(1.0), exponential(a.value - largest))
        + b.scale * choose(equal(b.value, largest), vec4(1.0), exponential(b.value - largest));
    return Partial(largest, scale);
#endif
}

Partial chooseParts(bvec4 condition, Partial a, Partial b) { return Partial(chooseValue(condition, a.value, b.value), choose(condition, a.scale, b.scale)); }

// The four lanes of a vector joined into its first.
Partial joinLanes(Partial a)
{
    Partial half_ = join(a, Partial(a.value.zwxy, a.scale.zwxy));
    return join(half_, Partial(half_.value.yxwz, half_.scale.yxwz));
}

// What is stored; count is the number of elements folded over all passes.
VALUE finish(Partial a, int count)
{
    VALUE value = a.value;
#ifdef INTEGER
    if (FINISH == FINISH_DIVIDE) value = value / max(count, 1);
    if (FINISH == FINISH_SQUARE_ROOT) value = ivec4(sqrt(vec4(max(value, ivec4(0)))));
#else
    if (COMBINE == COMBINE_EXPONENTIALS) value += choose(isInfinite4(a.value), vec4(0.0), logarithm(a.scale));
    if (FINISH == FINISH_DIVIDE) value /= float(count);
    if (FINISH == FINISH_SQUARE_ROOT) value = sqrt(value);
    if (FINISH == FINISH_LOGARITHM) value = logarithm(value);
#endif
    return value;
}

#endif
