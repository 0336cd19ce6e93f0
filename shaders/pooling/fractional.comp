#version 450
#extension GL_GOOGLE_include_directive : require
// Fractional maximum pooling: the largest element of windows whose steps vary so that the output has any size (Graham, "Fractional
// max-pooling", 2014), and where it was found.
//
// Source [planes, H, W], Samples [planes, 2] (f32 in 0 ... 1, for rows and columns) -> Result and Indices (i32: number within the whole
// source) [planes, H', W']. Ties go to the first element; NaN is larger than anything. Cost: one load and comparison per tap.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int count; // elements of Result, or of the gradient
    int height;
    int width;
    int outputHeight;
    int outputWidth;
    int kernelHeight;
    int kernelWidth;
    float ratioHeight; // (H - kernel) / (H' - 1)
    float ratioWidth;
} p;

#include "common/indexing.glsl"
#include "common/numbers.glsl"
#include "common/tensors.glsl"
#include "pooling/fractional.glsl"

INPUT_TENSOR(1, Source, source);
INPUT_TENSOR(2, Samples, samples);
OUTPUT_TENSOR(3, Result, result);
OUTPUT_TENSOR(4, Indices, indices);

void main()
{
    int index = flatInvocation();
    if (index >= p.count) return;
    ivec2 column = divide(index, p.outputWidth);
    ivec2 row = divide(column.x, p.outputHeight);
    int top = windowBegin(row.y, p.outputHeight, p.height, p.kernelHeight, p.ratioHeight, LOAD1(samples, 2 * row.x));
    int left = windowBegin(column.y, p.outputWidth, p.width, p.kernelWidth, p.ratioWidth, LOAD1(samples, 2 * row.x + 1));
    float best = -INFINITY;
    int found = -1;
    for (int y = top; y < top + p.kernelHeight; y++)
        for (int x = left; x < left + p.kernelWidth; x++)
        {
            int place = (row.x * p.height + y) * p.width + x;
            float value = LOAD1(source, place);
            if (found >= 0 && (isNan4(vec4(best)).x || !(value > best || isNan4(vec4(value)).x))) continue;
            best = value;
            found = place;
        }
    STORE1(result, index, best);
    STORE1(indices, index, intBitsToFloat(found));
}
