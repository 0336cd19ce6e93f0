#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
// Pooling by sliding windows: maximum, average, sum or p-norm of every window, then an epilogue.
//
// Source [N, C, D, H, W] -> Result [N, C, D', H', W'], both dense or both channels-last (see windows.glsl for the constants).
// Cost: one operation and one load per tap of every output; every input element is loaded about (kernel / stride)^axes times.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

#include "pooling/windows.glsl"
#include "common/indexing.glsl"
#include "common/epilogue.glsl"

INPUT_TENSOR(1, Source, source);
OUTPUT_TENSOR(2, Result, result);

void main()
{
    int item = flatInvocation();
    if (item >= p.items) return;
    Axis depth = depthAxis();
    Axis height = heightAxis();
    Axis width = widthAxis();
    Place place = placeOf(item, p.outputDepth, p.outputHeight, p.outputWidth);
    ivec4 columns = min(columnsOf(place), p.outputWidth - 1);

    ivec4 start, end;
    vec4 counted;
    for (int i = 0; i < 4; i++)
    {
        start[i] = windowStart(width, columns[i]);
        end[i] = windowEnd(width, columns[i]);
        counted[i] = float(countedTaps(width, columns[i]));
    }
    int startDepth = windowStart(depth, place.d);
    int endDepth = windowEnd(depth, place.d);
    int startHeight = windowStart(height, place.h);
    int endHeight = windowEnd(height, place.h);

    vec4 total = vec4(KIND == POOL_MAXIMUM ? -INFINITY : 0.0);
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
                ivec4 x = start + kw * p.dilationWidth;
                bvec4 inside = bvec4(uvec4(greaterThanEqual(x, ivec4(0))) & uvec4(lessThan(x, end)));
                x = clamp(x, 0, p.inputWidth - 1);
                vec4 value = FETCH(source, place, p.inputDepth, p.inputHeight, p.inputWidth, d, h, x);
                if (KIND == POOL_MAXIMUM)
                {
                    vec4 larger = choose(isNan4(total), total, choose(isNan4(value), value, max(total, value)));
                    total = choose(inside, larger, total);
                }
                else
                {
                    if (KIND == POOL_NORM_1) value = abs(value);
                    if (KIND == POOL_NORM_2) value = value * value;
                    if (KIND == POOL_NORM_P) value = exponential(p.exponent * logarithm(abs(value)));
                    total += choose(inside, value, vec4(0.0));
                }
            }
        }
    }
    if (KIND == POOL_AVERAGE) total /= max(counted * float(countedTaps(depth, place.d) * countedTaps(height, place.h)), vec4(1.0));
    if (KIND == POOL_NORM_2) total = sqrt(total);
    if (KIND == POOL_NORM_P) total = exponential(logarithm(total) / p.exponent);

    int element = elementOf(place, p.outputDepth, p.outputHeight, p.outputWidth);
    int row = CHANNELS_LAST != 0 ? 0 : place.image % p.channels;
    total = epilogue(total, OutputPlace(element, row, CHANNELS_LAST != 0 ? 4 * place.quad : place.w, place.count));
    if (CHANNELS_LAST != 0) total = choose(lessThan(ivec4(0, 1, 2, 3), ivec4(place.count)), total, vec4(0.0));
    STORE_FOUR(result, element, place.count, total)
}
