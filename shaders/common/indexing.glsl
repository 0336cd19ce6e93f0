#ifndef VKNET_INDEXING
#define VKNET_INDEXING
// Flat numbering of workgroups. A device allows 65535 workgroups along an axis, so the host spreads n of them over
// x = min(n, 65535) and y = ceil(n / x); the last row may hold more workgroups than there is work, which must return at once.

int flatWorkgroup() { return int(gl_WorkGroupID.x + gl_WorkGroupID.y * gl_NumWorkGroups.x); }

int flatInvocation() { return flatWorkgroup() * int(gl_WorkGroupSize.x) + int(gl_LocalInvocationID.x); }

// Quotient (x) and remainder (y) of a / b for 0 <= a and 0 < b, all of them below 2^31. Made of multiplications, because CPU drivers
// divide whole numbers one lane at a time (0.1 us a division). The first guess is off by a few hundred at most, what is left
// of it by one. Without branches: in a kernel with some dozen divisions SwiftShader takes a minute to compile these.
ivec2 divide(int a, int b)
{
    float inverse = 1.0 / float(b);
    int quotient = int(float(a) * inverse);
    quotient += int(float(a - quotient * b) * inverse);
    int remainder = a - quotient * b;
    int correction = int(remainder >= b) - int(remainder < 0);
    return ivec2(quotient + correction, remainder - correction * b);
}

int divideUp(int a, int b) { return divide(a + b - 1, b).x; }

// The place along four axes, outermost first, of element number index of a dense array of these sizes.
ivec4 axesOf(int index, ivec4 sizes)
{
    ivec2 w = divide(index, sizes.w);
    ivec2 z = divide(w.x, sizes.z);
    ivec2 y = divide(z.x, sizes.y);
    return ivec4(y.x, y.y, z.y, w.y);
}

int dotAxes(ivec4 place, ivec4 strides) { return place.x * strides.x + place.y * strides.y + place.z * strides.z + place.w * strides.w; }

#endif
