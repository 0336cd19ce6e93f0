#version 450
#extension GL_GOOGLE_include_directive : require
// Lists the elements that are not zero: places[k] = number of the k-th of them. What lies behind the last must have been filled before.
//
// Source, n elements; Offsets [chunks] (i32), how many were found before each chunk of 64 -> Places [n] (i32).
// WHOLE as in bounded/count. Cost: 4 bytes read per element, 4 written per element found.
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
INPUT_TENSOR(2, Offsets, offsets);
OUTPUT_TENSOR(3, Places, places);

void main()
{
    int chunk = flatInvocation();
    if (chunk >= p.chunks) return;
    int next = floatBitsToInt(LOAD1(offsets, chunk));
    for (int i = CHUNK * chunk; i < min(CHUNK * (chunk + 1), p.items); i++)
    {
        if (!isSet(LOAD1(source, i))) continue;
        if (next >= 0 && next < p.items) STORE1(places, next, intBitsToFloat(i));
        next++;
    }
}
