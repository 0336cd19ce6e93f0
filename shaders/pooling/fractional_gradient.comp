#version 450
#extension GL_GOOGLE_include_directive : require
// The gradient of pooling/fractional in its source, gathered: every element adds the gradients of the windows whose maximum it is.
//
// Upstream, Indices (i32) [planes, H', W'], Samples [planes, 2] -> Result [planes, H, W]. Parameters as pooling/fractional.
// Cost: a few comparisons for each window that covers an element.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int count; // elements of Result
    int height;
    int width;
    int outputHeight;
    int outputWidth;
    int kernelHeight;
    int kernelWidth;
    float ratioHeight;
    float ratioWidth;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Upstream, upstream);
INPUT_TENSOR(2, Indices, indices);
OUTPUT_TENSOR(3, Result, result);

// Windows that may cover an element: their beginnings are within two elements of window * ratio.
ivec2 windowsOver(int place, int n, int window, float ratio)
{
    if (ratio <= 0.0) return ivec2(0, n - 1);
    return clamp(ivec2(int(floor(float(place - window - 2) / ratio)), int(ceil(float(place + 2) / ratio))), ivec2(0), ivec2(n - 1));
}

void main()
{
    int index = flatInvocation();
    if (index >= p.count) return;
    ivec2 x = divide(index, p.width);
    ivec2 y = divide(x.x, p.height);
    ivec2 rows = windowsOver(y.y, p.outputHeight, p.kernelHeight, p.ratioHeight);
    ivec2 columns = windowsOver(x.y, p.outputWidth, p.kernelWidth, p.ratioWidth);
    float sum = 0.0;
    // The last window stands by itself, at the end of the axis.
    for (int i = rows.x; i < p.outputHeight; i = i < rows.y || i == p.outputHeight - 1 ? i + 1 : p.outputHeight - 1)
        for (int j = columns.x; j < p.outputWidth; j = j < columns.y || j == p.outputWidth - 1 ? j + 1 : p.outputWidth - 1)
        {
            int window = (y.x * p.outputHeight + i) * p.outputWidth + j;
            if (floatBitsToInt(LOAD1(indices, window)) == index) sum += LOAD1(upstream, window);
        }
    STORE1(result, index, sum);
}
