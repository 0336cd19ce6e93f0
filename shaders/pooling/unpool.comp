#version 450
#extension GL_GOOGLE_include_directive : require
// Puts values at given places of a tensor: the way back of maximum pooling. The rest of Result must have been filled before.
//
// Source (f32) and Indices (i32), n elements each -> Result, dense, limit elements; indices outside it are passed over.
// Cost: two loads and a store per element.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int items; // n
    int limit; // elements of Result
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Source, source);
INPUT_TENSOR(2, Indices, indices);
OUTPUT_TENSOR(3, Result, result);

void main()
{
    int item = flatInvocation();
    if (item >= p.items) return;
    int target = floatBitsToInt(LOAD1(indices, item));
    if (target >= 0 && target < p.limit) STORE1(result, target, LOAD1(source, item));
}
