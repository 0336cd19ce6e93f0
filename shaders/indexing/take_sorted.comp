#version 450
#extension GL_GOOGLE_include_directive : require
// The best elements of every row and where they stand, from sorted pairs (see indexing/sort_blocks.comp).
//
// Bindings
//   source   [outer, extent, inner]
//   sorted   rows x taken keys (not read), then as many places
//   values, places   [outer, taken, inner]
// Parameters: count: elements of values; extent, taken, inner. Cost: 8 bytes read and written per result.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int count;
    int extent;
    int taken;
    int inner;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Source, source);
INPUT_TENSOR(2, Sorted, sorted_);
OUTPUT_TENSOR(3, Values, values);
OUTPUT_TENSOR(4, Places, places);

void main()
{
    int item = flatInvocation();
    if (item >= p.count) return;
    ivec2 slab = divide(item, p.inner);
    ivec2 outer = divide(slab.x, p.taken);
    int place = floatBitsToInt(LOAD1(sorted_, p.count + (outer.x * p.inner + slab.y) * p.taken + outer.y));
    STORE1(values, item, LOAD1(source, (outer.x * p.extent + place) * p.inner + slab.y));
    STORE1(places, item, intBitsToFloat(place));
}
