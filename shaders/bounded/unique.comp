#version 450
#extension GL_GOOGLE_include_directive : require
// Writes what is known of distinct slices to their places: which slice each is, how often it occurs, and for every slice its distinct one.
//
// First, Ranks, Repeats [items] (i32; see bounded/rank) -> Places [items] (i32): the number of the distinct slice at each place, Counts
// [items] (i32), Inverse [items] (i32), Total [1] (i32). What Places and Counts hold behind the last must have been filled before.
// Cost: 24 bytes per slice.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int items;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, First, first);
INPUT_TENSOR(2, Ranks, ranks);
INPUT_TENSOR(3, Repeats, repeats);
OUTPUT_TENSOR(4, Places, places);
OUTPUT_TENSOR(5, Counts, counts);
OUTPUT_TENSOR(6, Inverse, inverse);
OUTPUT_TENSOR(7, Total, total);

void main()
{
    int item = flatInvocation();
    if (item >= p.items) return;
    int original = clamp(floatBitsToInt(LOAD1(first, item)), 0, p.items - 1);
    int rank = clamp(floatBitsToInt(LOAD1(ranks, original)), 0, p.items - 1);
    STORE1(inverse, item, intBitsToFloat(rank));
    if (original == item)
    {
        STORE1(places, rank, intBitsToFloat(item));
        STORE1(counts, rank, LOAD1(repeats, item));
    }
    if (item > 0) return;
    int distinct = 0;
    for (int i = 0; i < p.items; i++)
        if (floatBitsToInt(LOAD1(ranks, i)) >= 0) distinct++;
    STORE1(total, 0, intBitsToFloat(distinct));
}
