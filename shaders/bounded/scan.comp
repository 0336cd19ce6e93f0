#version 450
#extension GL_GOOGLE_include_directive : require
// Running sums of whole numbers: offsets[i] = sum of counts[0 ... i - 1], and their total.
//
// Counts [n] (i32) -> Offsets [n], Total [1]. One workgroup: each invocation sums a run of neighbours, the runs' sums are added in order.
// Cost: 12 bytes per element.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 256) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int items; // n
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Counts, counts);
OUTPUT_TENSOR(2, Offsets, offsets);
OUTPUT_TENSOR(3, Total, total);

shared int sums[256];

void main()
{
    if (flatWorkgroup() > 0) return;
    int lane = int(gl_LocalInvocationID.x);
    int run = (p.items + 255) / 256;
    int first = min(lane * run, p.items);
    int last = min(first + run, p.items);
    int sum = 0;
    for (int i = first; i < last; i++) sum += floatBitsToInt(LOAD1(counts, i));
    sums[lane] = sum;
    barrier();
    if (lane == 0)
    {
        int before = 0;
        for (int i = 0; i < 256; i++)
        {
            int own = sums[i];
            sums[i] = before;
            before += own;
        }
        STORE1(total, 0, intBitsToFloat(before));
    }
    barrier();
    sum = sums[lane];
    for (int i = first; i < last; i++)
    {
        STORE1(offsets, i, intBitsToFloat(sum));
        sum += floatBitsToInt(LOAD1(counts, i));
    }
}
