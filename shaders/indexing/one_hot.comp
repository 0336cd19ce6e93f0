#version 450
#extension GL_GOOGLE_include_directive : require
// One-hot code: target[o, d, i] = on where indices[o, i] = d, else off. A negative index counts from depth; one outside -depth ... depth - 1
// is nowhere.
//
// Indices: outer x inner whole numbers. Values: off and on. Target: outer x depth x inner. Cost: 8 bytes per element of the target.
layout(local_size_x = 256) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int count; // elements of the target
    int depth;
    int inner;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Indices, indices);
INPUT_TENSOR(2, Values, values);
OUTPUT_TENSOR(3, Target, target);

void main()
{
    int element = 4 * flatInvocation();
    if (element >= p.count) return;
    vec4 choices = LOAD4(values, 0);
    for (int k = 0; k < 4; k++)
    {
        int place = element + k;
        if (place >= p.count) return;
        int slab = place / p.inner;
        int code = floatBitsToInt(LOAD1(indices, slab / p.depth * p.inner + place % p.inner));
        if (code < 0) code += p.depth;
        STORE1(target, place, code == slab % p.depth ? choices.y : choices.x);
    }
}
