#version 450
#extension GL_GOOGLE_include_directive : require
// Turns tuples of indices into one number each: place[i] = sum over d of index[i, d] * (product of the extents behind d), every index limited to its
// axis (see indexing/places.glsl).
//
// Tuples: count x depth whole numbers. Places: count whole numbers. Parameters: count, depth (at most 32), extents of the axes.
// Cost: 4 bytes read per index.
layout(local_size_x = 64) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int count;
    int depth;
    ivec4 extents[8];
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"
#include "indexing/places.glsl"

INPUT_TENSOR(1, Tuples, tuples);
OUTPUT_TENSOR(2, Places, places);

void main()
{
    int item = flatInvocation();
    if (item >= p.count) return;
    int place = 0;
    for (int d = 0; d < p.depth; d++)
    {
        int extent = p.extents[d >> 2][d & 3];
        place = place * extent + placeOnAxis(floatBitsToInt(LOAD1(tuples, item * p.depth + d)), extent);
    }
    STORE1(places, item, intBitsToFloat(place));
}
