#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
// Pooling of channels-last tensors by small windows without dilation: maximum, average or sum of every window, then an epilogue.
// What pooling/window does for every case; here neighbouring outputs share what they read.
//
// Source [N, D, H, W, quads] -> Result [N, D', H', W', quads] (see windows.glsl for the parameters; CHANNELS_LAST and ADAPTIVE are not looked at).
// DENSE_RESULT = 1: Result is dense, [N, C, D', H', W']; 2: likewise, and C is a multiple of 4.
// TAPS, STEP: kernel size, 1 ... 5, and stride, 1 or 2, along the width; TAPS_DOWN, STEP_DOWN: likewise along the height. DEEP: whether the
// kernel's depth is more than 1. LINES: 1 ... 4, how many output rows an invocation makes.
// Invocations (items): quads * ceil(W' / 4) * ceil(H' / LINES) * D' * N, each for four neighbouring outputs of LINES rows.
// Cost: one operation per tap of every output; every input element is loaded about
// (4 STEP + TAPS - STEP) (LINES STEP_DOWN + TAPS_DOWN - STEP_DOWN) / (4 STEP LINES STEP_DOWN) times.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;
layout(constant_id = 4) const int TAPS = 3;
layout(constant_id = 5) const int STEP = 2;
layout(constant_id = 6) const int TAPS_DOWN = 3;
layout(constant_id = 7) const int STEP_DOWN = 2;
layout(constant_id = 8) const int DEEP = 0;
layout(constant_id = 9) const int LINES = 1;
layout(constant_id = 10) const int DENSE_RESULT = 0;

#include "pooling/windows.glsl"
#include "common/epilogue.glsl"

INPUT_TENSOR(1, Source, source);
OUTPUT_TENSOR(2, Result, result);

const int RUN = 4;
const int MOST_LINES = 4;
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
    ivec2 block = divide(run.x, divideUp(p.outputHeight, LINES));
    ivec2 plane = divide(block.x, p.outputDepth);
    int firstColumn = run.y * RUN;
    int firstLine = block.y * LINES;
    ivec3 start = ivec3(plane.y * p.strideDepth - p.padBeginDepth, firstLine * STEP_DOWN - p.padBeginHeight, firstColumn * STEP - p.padBeginWidth);

    const vec4 nothing = vec4(KIND == POOL_MAXIMUM ? -INFINITY : 0.0);
    vec4 total[MOST_LINES * RUN];
    uvec4 largest[MOST_LINES * RUN]; // the largest magnitude of a window as a bit pattern: beyond that of infinity where a NaN was seen, which max need not keep
    [[unroll]] for (int i = 0; i < LINES * RUN; i++)
    {
        total[i] = nothing;
        largest[i] = uvec4(0u);
    }
    // All rows are unrolled: in a loop whose end is not known to the driver a texel load takes twice as long.
    [[unroll]] for (int kd = 0; kd < (DEEP != 0 ? p.kernelDepth : 1); kd++)
        [[unroll]] for (int r = 0; r < (LINES - 1) * STEP_DOWN + TAPS_DOWN; r++)
        {
            int d = start.x + kd;
            int h = start.y + r;
            bool rowInside = d >= 0 && d < p.inputDepth && h >= 0 && h < p.inputHeight;
            int rowStart = ((plane.x * p.inputDepth + d) * p.inputHeight + h) * p.inputWidth;
            vec4 inputs[MOST_INPUTS];
            [[unroll]] for (int i = 0; i < (RUN - 1) * STEP + TAPS; i++)
            {
                int w = start.z + i;
                bool inside = rowInside && w >= 0 && w < p.inputWidth;
                inputs[i] = choose(bvec4(inside), LOAD4(source, inside ? (rowStart + w) * quads() + quad.y : 0), nothing);
            }
            [[unroll]] for (int i = 0; i < RUN; i++)
            {
                // The row's part of a window, which serves every output row whose window holds the row.
                vec4 across = nothing;
                uvec4 magnitude = uvec4(0u);
                [[unroll]] for (int k = 0; k < TAPS; k++)
                {
                    vec4 value = inputs[i * STEP + k];
                    if (KIND == POOL_MAXIMUM)
                    {
                        across = max(across, value);
                        magnitude = max(magnitude, floatBitsToUint(value) & 0x7FFFFFFFu);
                    }
                    else across += value;
                }
                [[unroll]] for (int t = 0; t < LINES; t++)
                {
                    int tap = r - t * STEP_DOWN;
                    if (tap < 0 || tap >= TAPS_DOWN) continue;
                    if (KIND == POOL_MAXIMUM)
                    {
                        total[t * RUN + i] = max(total[t * RUN + i], across);
                        largest[t * RUN + i] = max(largest[t * RUN + i], magnitude);
                    }
                    else total[t * RUN + i] += across;
                }
            }
        }

    bvec4 exists = lessThan(4 * quad.y + ivec4(0, 1, 2, 3), ivec4(p.channels));
    int deep = counted(start.x, p.kernelDepth, p.inputDepth, p.padEndDepth);
    [[dont_unroll]] for (int t = 0; t < LINES; t++)
    {
        int line = firstLine + t;
        if (line >= p.outputHeight) break;
        int position = ((plane.x * p.outputDepth + plane.y) * p.outputHeight + line) * p.outputWidth + firstColumn;
        int rows = deep * counted(line * STEP_DOWN - p.padBeginHeight, TAPS_DOWN, p.inputHeight, p.padEndHeight);
        [[unroll]] for (int i = 0; i < STORE_CHUNK; i++)
        {
            if (firstColumn + i >= p.outputWidth) continue;
            vec4 value = total[i];
            if (KIND == POOL_MAXIMUM) value = choose(greaterThan(largest[i], uvec4(0x7F800000u)), uintBitsToFloat(uvec4(0x7FC00000u)), value);
            if (KIND == POOL_AVERAGE) value *= 1.0 / float(max(rows * counted(start.z + i * STEP, TAPS, p.inputWidth, p.padEndWidth), 1));
            int texel = (position + i) * quads() + quad.y;
            value = epilogue(value, OutputPlace(4 * texel, 0, 4 * quad.y, 4));
            if (DENSE_RESULT != 0)
            {
                int size = p.outputDepth * p.outputHeight * p.outputWidth;
                int element = plane.x * (p.channels - 1) * size + 4 * quad.y * size + position + i;
                [[unroll]] for (int c = 0; c < 4; c++) if (DENSE_RESULT == 2 || exists[c]) STORE1(result, element + c * size, value[c]);
            }
            else result[texel] = choose(exists, value, vec4(0.0));
        }
        // The arrays move up instead of being indexed by a variable.
        [[unroll]] for (int i = RUN; i < LINES * RUN; i++)
        {
            total[i - RUN] = total[i];
            largest[i - RUN] = largest[i];
        }
    }
}
