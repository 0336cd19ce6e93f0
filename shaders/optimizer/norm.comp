#version 450
#extension GL_GOOGLE_include_directive : require
// The Euclidean norm of several tensors together, in two steps with a fixed order of summation.
//
// FINISH = 0: Result[place + group] = sum of the squares of 4096 of the elements of Source. FINISH = 1, one workgroup:
// Result[0] = square root of the sum of the elements of Source.
// Cost: 4 bytes and 2 operations per element.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;
layout(constant_id = 0) const bool FINISH = false;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int elements;
    int place; // of the first group's sum in Result
} p;

INPUT_TENSOR(1, Source, source);
OUTPUT_TENSOR(2, Result, result);

shared float partial[64];

void main()
{
    int lane = int(gl_LocalInvocationID.x);
    int group = FINISH ? 0 : flatWorkgroup();
    int start = FINISH ? 0 : 4096 * group;
    int end = FINISH ? p.elements : min(start + 4096, p.elements);
    if (start >= max(p.elements, 1)) return;
    vec4 sum = vec4(0.0);
    for (int element = start + 4 * lane; element < end; element += 256)
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
    else STORE1(result, p.place + group, partial[0]);
}
