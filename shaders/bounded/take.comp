#version 450
#extension GL_GOOGLE_include_directive : require
// Takes listed slices: result[o, k, i] = source[o, places[k], i], or zero where places[k] is none of the source's.
//
// Source [outer, extent, inner], Places [n] (i32) -> Result [outer, n, inner]. Cost: 8 bytes per element of Result.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int count; // elements of Result
    int extent;
    int items; // n
    int inner;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Source, source);
INPUT_TENSOR(2, Places, places);
OUTPUT_TENSOR(3, Result, result);

void main()
{
    int index = flatInvocation();
    if (index >= p.count) return;
    ivec2 inner = divide(index, p.inner);
    ivec2 item = divide(inner.x, p.items);
    int place = floatBitsToInt(LOAD1(places, item.y));
    bool exists = place >= 0 && place < p.extent;
    float value = LOAD1(source, ((exists ? place : 0) + item.x * p.extent) * p.inner + inner.y);
    STORE1(result, index, exists ? value : 0.0);
}
