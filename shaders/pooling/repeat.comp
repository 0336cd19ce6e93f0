#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
// Makes every element a block of stride elements per axis, then runs an epilogue.
//
// Source [N, C, D, H, W] -> Result [N, C, D * strideDepth, H * strideHeight, W * strideWidth], both dense or both channels-last.
// A block repeats its element, or with NAILS = 1 holds it first and zeros behind. Cost: one load and one store per element of Result.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;
layout(constant_id = 4) const int NAILS = 0;

#include "pooling/windows.glsl"
#include "common/indexing.glsl"
#include "common/epilogue.glsl"

INPUT_TENSOR(1, Source, source);
OUTPUT_TENSOR(2, Result, result);

void main()
{
    int item = flatInvocation();
    if (item >= p.items) return;
    Place place = placeOf(item, p.outputDepth, p.outputHeight, p.outputWidth);
    ivec4 columns = min(columnsOf(place), p.outputWidth - 1);
    ivec4 from = columns / p.strideWidth;
    vec4 value = FETCH(source, place, p.inputDepth, p.inputHeight, p.inputWidth, place.d / p.strideDepth, place.h / p.strideHeight, from);
    if (NAILS != 0)
    {
        bool isFirst = place.d % p.strideDepth == 0 && place.h % p.strideHeight == 0;
        value = isFirst ? choose(equal(from * p.strideWidth, columns), value, vec4(0.0)) : vec4(0.0);
    }
    int element = elementOf(place, p.outputDepth, p.outputHeight, p.outputWidth);
    int row = CHANNELS_LAST != 0 ? 0 : place.image % p.channels;
    value = epilogue(value, OutputPlace(element, row, CHANNELS_LAST != 0 ? 4 * place.quad : place.w, place.count));
    if (CHANNELS_LAST != 0) value = choose(lessThan(ivec4(0, 1, 2, 3), ivec4(place.count)), value, vec4(0.0));
    STORE_FOUR(result, element, place.count, value)
}
