#version 450
#extension GL_GOOGLE_include_directive : require
// Maximum pooling that also tells where each maximum was found.
//
// Source [N, C, D, H, W] -> Result [N, C, D', H', W'] and Indices of the same shape (i32), dense: the element's number within the
// whole input; with COLUMN_MAJOR = 1 its spatial part counts with the first spatial axis fastest. Ties go to the first element, a
// NaN is larger than anything. Cost: one load and two comparisons per tap.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;
layout(constant_id = 4) const int COLUMN_MAJOR = 0;

#include "pooling/windows.glsl"
#include "common/indexing.glsl"
#include "common/tensors.glsl"
#include "common/numbers.glsl"

INPUT_TENSOR(1, Source, source);
OUTPUT_TENSOR(2, Result, result);
OUTPUT_TENSOR(3, Indices, indices);

void main()
{
    int element = flatInvocation();
    if (element >= p.items) return;
    int rest = element;
    int startWidth = windowStart(widthAxis(), rest % p.outputWidth);
    int endWidth = windowEnd(widthAxis(), rest % p.outputWidth);
    rest /= p.outputWidth;
    int startHeight = windowStart(heightAxis(), rest % p.outputHeight);
    int endHeight = windowEnd(heightAxis(), rest % p.outputHeight);
    rest /= p.outputHeight;
    int startDepth = windowStart(depthAxis(), rest % p.outputDepth);
    int endDepth = windowEnd(depthAxis(), rest % p.outputDepth);
    int plane = rest / p.outputDepth * p.inputDepth * p.inputHeight * p.inputWidth;

    float best = -INFINITY;
    int found = -1;
    for (int kd = 0; kd < p.kernelDepth; kd++)
    {
        int d = startDepth + kd * p.dilationDepth;
        if (d < 0 || d >= endDepth) continue;
        for (int kh = 0; kh < p.kernelHeight; kh++)
        {
            int h = startHeight + kh * p.dilationHeight;
            if (h < 0 || h >= endHeight) continue;
            for (int kw = 0; kw < p.kernelWidth; kw++)
            {
                int w = startWidth + kw * p.dilationWidth;
                if (w < 0 || w >= endWidth) continue;
                float value = LOAD1(source, plane + (d * p.inputHeight + h) * p.inputWidth + w);
                bool bestIsNan = isNan4(vec4(best)).x;
                if (found >= 0 && (bestIsNan || !(value > best || isNan4(vec4(value)).x))) continue;
                best = value;
                found = COLUMN_MAJOR != 0 ? (w * p.inputHeight + h) * p.inputDepth + d : (d * p.inputHeight + h) * p.inputWidth + w;
            }
        }
    }
    STORE1(result, element, best);
    STORE1(indices, element, intBitsToFloat(found < 0 ? -1 : plane + found));
}
