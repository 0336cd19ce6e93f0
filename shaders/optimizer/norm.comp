#version 450
#extension GL_GOOGLE_include_directive : require
// The Euclidean norm of several tensors together, in two steps with a fixed order of summation.
//
// FINISH = 0: a workgroup for each of the count parts, four whole numbers that say where at most 4096 elements of Source begin and
// end and, third, the place in Result of the sum of their squares. FINISH = 1, one workgroup: Result[0] = square root of the sum of
// the count elements of Source.
// Cost: 4 bytes and 2 operations per element.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;
layout(constant_id = 0) const bool FINISH = false;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int count;
} p;

INPUT_TENSOR(1, Source, source);
INPUT_TENSOR(2, Parts, parts);
OUTPUT_TENSOR(3, Result, result);

shared float partial[64];

void main()
{
    int lane = int(gl_LocalInvocationID.x);
    ivec4 part = ivec4(0, p.count, 0, 0);
    if (!FINISH)
    {
        if (flatWorkgroup() >= p.count) return;
        part = floatBitsToInt(LOAD4(parts, flatWorkgroup()));
    }
    int end = part.y;
    vec4 sum = vec4(0.0);
    for (int element = part.x + 4 * lane; element < end; element += 256)
    {
        vec4 value = LOAD4(source, element >> 2);
        // What lies behind the last element may be anything, so it is replaced and not multiplied by zero.
        value = mix(vec4(0.0), value, lessThan(ivec4(element) + ivec4(0, 1, 2, 3), ivec4(end)));
        sum += FINISH ? value : value * value;
    }
    partial[lane] = (sum.x + sum.y) + (sum.z + sum.w);
    for (int distance = 32; distance > 0; distance /= 2)
    {
        barrier();
        if (lane < distance) partial[lane] += partial[lane + distance];
    }
    if (lane != 0) return;
    if (FINISH) STORE1(result, 0, sqrt(partial[0]));
    else STORE1(result, part.z, partial[0]);
}
