#version 450
#extension GL_GOOGLE_include_directive : require
// For every slice across an axis, the first one that equals it: first[a] = least b with source[:, b, :] = source[:, a, :].
//
// Source [outer, items, inner] -> First [items] (i32). WHOLE: 0 for reals, 1 for whole numbers and truth values.
// Cost: up to items^2 / 2 comparisons of slices.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(constant_id = 0) const int WHOLE = 0;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int outer;
    int items;
    int inner;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Source, source);
OUTPUT_TENSOR(2, First, first);

#include "bounded/slices.glsl"

void main()
{
    int item = flatInvocation();
    if (item >= p.items) return;
    int found = 0;
    while (found < item && compareSlices(found, item) != 0) found++;
    STORE1(first, item, intBitsToFloat(found));
}
