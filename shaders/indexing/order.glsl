#ifndef VKNET_ORDER
#define VKNET_ORDER
// Elements as whole numbers that are ordered as they are: of reals -0 equals 0 and NaN comes first of all, whichever end is wanted.
// With INTEGER defined elements are whole numbers. SMALLEST = 1 turns the order round.
layout(constant_id = 20) const int SMALLEST = 0;

ivec4 keysOf(vec4 x)
{
    ivec4 bits = floatBitsToInt(x);
#ifdef INTEGER
    return SMALLEST != 0 ? ~bits : bits;
#else
    ivec4 key = bits ^ ((bits >> 31) & 0x7FFFFFFF);
    key = mix(key, ivec4(0), equal(bits & 0x7FFFFFFF, ivec4(0)));
    if (SMALLEST != 0) key = ~key;
    return mix(key, ivec4(0x7FFFFFFF), greaterThan(bits & 0x7FFFFFFF, ivec4(0x7F800000)));
#endif
}

#endif
