#version 450
#extension GL_GOOGLE_include_directive : require
// Where every distinct slice stands in the result, and how often it occurs. A slice is distinct when it is the first that equals it.
//
// Source [outer, items, inner], First [items] (i32; see bounded/first_equal) -> Ranks [items] (i32): for distinct slices their place, else
// -1; Repeats [items] (i32): for distinct slices their number, else 0.
// SORTED = 1: places are in the order of the slices, 0: of their first occurrence. WHOLE as in bounded/first_equal.
// Cost: items^2 loads, and as many comparisons of slices when sorted.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(constant_id = 0) const int WHOLE = 0;
layout(constant_id = 1) const int SORTED = 1;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int outer;
    int items;
    int inner;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Source, source);
INPUT_TENSOR(2, First, first);
OUTPUT_TENSOR(3, Ranks, ranks);
OUTPUT_TENSOR(4, Repeats, repeats);

#include "bounded/slices.glsl"

void main()
{
    int item = flatInvocation();
    if (item >= p.items) return;
    bool distinct = floatBitsToInt(LOAD1(first, item)) == item;
    int rank = 0;
    int count = 0;
    for (int other = 0; distinct && other < p.items; other++)
    {
        int original = floatBitsToInt(LOAD1(first, other));
        if (original == item) count++;
        if (original != other || other == item) continue;
        bool ahead = other < item;
        if (SORTED != 0) ahead = compareSlices(other, item) < 0;
        if (ahead) rank++;
    }
    STORE1(ranks, item, intBitsToFloat(distinct ? rank : -1));
    STORE1(repeats, item, intBitsToFloat(count));
}
