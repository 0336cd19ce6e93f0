#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
// Pooling of channels-last tensors by small windows without dilation: maximum, average or sum of every window, then an epilogue.
// What pooling/window does for every case; here neighbouring outputs share what they read.
//
// Source [N, D, H, W, quads] -> Result [N, D', H', W', quads] (see windows.glsl for the parameters; CHANNELS_LAST and ADAPTIVE are not looked at).
// TAPS, STEP: kernel size, 1 ... 5, and stride, 1 or 2, along the width.
// Invocations (items): quads * ceil(W' / 4) * H' * D' * N, each for four neighbouring outputs of a row.
// Cost: one operation per tap of every output; every input element is loaded about (kernel + 3 stride) / (4 stride) * kernel / stride times.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;
layout(constant_id = 4) const int TAPS = 3;
layout(constant_id = 5) const int STEP = 2;

#include "pooling/windows.glsl"
#include "common/epilogue.glsl"

INPUT_TENSOR(1, Source, source);
OUTPUT_TENSOR(2, Result, result);

const int RUN = 4;
const int MOST_INPUTS = (RUN - 1) * 2 + 5;

// Taps of the window that starts at start which an average counts.
int counted(int start, int taps, int inputSize, int padEnd)
{
    return COUNT_PADDING != 0 ? min(start + taps, inputSize + padEnd) - start : min(start + taps, inputSize) - max(start, 0);
}

void main()
{
    int item = flatInvocation();
    if (item >= p.items) return;
    ivec2 quad = divide(item, quads());
    ivec2 run = divide(quad.x, (p.outputWidth + RUN - 1) / RUN);
    ivec2 line = divide(run.x, p.outputHeight);
    ivec2 plane = divide(line.x, p.outputDepth);
    int firstColumn = run.y * RUN;
    ivec3 start = ivec3(plane.y * p.strideDepth - p.padBeginDepth, line.y * p.strideHeight - p.padBeginHeight, firstColumn * STEP - p.padBeginWidth);

    const vec4 nothing = vec4(KIND == POOL_MAXIMUM ? -INFINITY : 0.0);
    vec4 total[RUN];
    uvec4 largest[RUN]; // the largest magnitude of a window as a bit pattern: beyond that of infinity where a NaN was seen, which max need not keep
    [[unroll]] for (int i = 0; i < RUN; i++)
    {
        total[i] = nothing;
        largest[i] = uvec4(0u);
    }
    for (int kd = 0; kd < p.kernelDepth; kd++)
        for (int kh = 0; kh < p.kernelHeight; kh++)
        {
            int d = start.x + kd;
            int h = start.y + kh;
            bool rowInside = d >= 0 && d < p.inputDepth && h >= 0 && h < p.inputHeight;
            int rowStart = ((plane.x * p.inputDepth + d) * p.inputHeight + h) * p.inputWidth;
            vec4 inputs[MOST_INPUTS];
            [[unroll]] for (int i = 0; i < (RUN - 1) * STEP + TAPS; i++)
            {
                int w = start.z + i;
                bool inside = rowInside && w >= 0 && w < p.inputWidth;
                inputs[i] = choose(bvec4(inside), LOAD4(source, inside ? (rowStart + w) * quads() + quad.y : 0), nothing);
            }
            [[unroll]] for (int k = 0; k < TAPS; k++)
                [[unroll]] for (int i = 0; i < RUN; i++)
                {
                    vec4 value = inputs[i * STEP + k];
                    if (KIND == POOL_MAXIMUM)
                    {
                        total[i] = max(total[i], value);
                        largest[i] = max(largest[i], floatBitsToUint(value) & 0x7FFFFFFFu);
                    }
                    else total[i] += value;
                }
        }

    int position = ((plane.x * p.outputDepth + plane.y) * p.outputHeight + line.y) * p.outputWidth + firstColumn;
    int rows = counted(start.x, p.kernelDepth, p.inputDepth, p.padEndDepth) * counted(start.y, p.kernelHeight, p.inputHeight, p.padEndHeight);
    bvec4 exists = lessThan(4 * quad.y + ivec4(0, 1, 2, 3), ivec4(p.channels));
    [[unroll]] for (int i = 0; i < STORE_CHUNK; i++)
    {
        if (firstColumn + i >= p.outputWidth) continue;
        vec4 value = total[i];
        if (KIND == POOL_MAXIMUM) value = choose(greaterThan(largest[i], uvec4(0x7F800000u)), uintBitsToFloat(uvec4(0x7FC00000u)), value);
        if (KIND == POOL_AVERAGE) value /= float(max(rows * counted(start.z + i * STEP, TAPS, p.inputWidth, p.padEndWidth), 1));
        int texel = (position + i) * quads() + quad.y;
        value = epilogue(value, OutputPlace(4 * texel, 0, 4 * quad.y, 4));
        result[texel] = choose(exists, value, vec4(0.0));
    }
}
