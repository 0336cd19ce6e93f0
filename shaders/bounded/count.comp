#version 450
#extension GL_GOOGLE_include_directive : require
// Counts the elements that are not zero, chunk by chunk: the first step of gathering them in their order.
//
// Source, n elements -> Counts [chunks] (i32), each for 64 neighbours.
// WHOLE = 1: elements are whole numbers or truth values, 0: reals, where -0 is zero and NaN is not.
// Cost: 4 bytes read per element.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(constant_id = 0) const int WHOLE = 0;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int items; // n
    int chunks;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"
#include "bounded/chunks.glsl"

INPUT_TENSOR(1, Source, source);
OUTPUT_TENSOR(2, Counts, counts);

void main()
{
    int chunk = flatInvocation();
    if (chunk >= p.chunks) return;
    int count = 0;
    for (int i = CHUNK * chunk; i < min(CHUNK * (chunk + 1), p.items); i++)
        if (isSet(LOAD1(source, i))) count++;
    STORE1(counts, chunk, intBitsToFloat(count));
}
