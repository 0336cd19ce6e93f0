#version 450
#extension GL_GOOGLE_include_directive : require
// Quantises reals to whole numbers, or turns them back: y = limit(roundEven(x / scale) + zero), or y = (x - zero) * scale.
//
// Source, Result: count elements, seen as [outer, axis, inner]. Element [o, a, i] has scale and zero number
// o * outerStride + a / block * axisStride + i * innerStride: all strides zero for one scale, axisStride alone for one along an axis, all
// for blocks.
// BACK: 0 quantises (f32 to i32), 1 turns back (i32 to f32). HAS_ZERO: whether Zeros (i32) is read; otherwise zeros are 0.
// Halves go to the even number; not-a-number becomes the zero. A device may divide with an error of 2.5 ulp, so that a quotient next to
// a half may be rounded to the other side of it.
// Cost: 8 bytes per element.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(constant_id = 0) const int BACK = 0;
layout(constant_id = 1) const int HAS_ZERO = 0;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int count;
    int axis;
    int inner;
    int block;
    int outerStride;
    int axisStride;
    int innerStride;
    int low; // the result's limits
    int high;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Source, source);
INPUT_TENSOR(2, Scales, scales);
INPUT_TENSOR(3, Zeros, zeros);
OUTPUT_TENSOR(4, Result, result);

float converted(float x, int element)
{
    ivec2 inner = divide(element, p.inner);
    ivec2 axis = divide(inner.x, p.axis);
    int place = axis.x * p.outerStride + axis.y / p.block * p.axisStride + inner.y * p.innerStride;
    float scale = LOAD1(scales, place);
    int zero = HAS_ZERO != 0 ? floatBitsToInt(LOAD1(zeros, place)) : 0;
    if (BACK != 0) return float(floatBitsToInt(x) - zero) * scale;
    precise float quotient = x / scale;
    bool isNumber = (floatBitsToUint(quotient) & 0x7FFFFFFFu) <= 0x7F800000u;
    // Narrow types lie well within these limits, whatever the zero.
    int nearest = isNumber ? int(roundEven(clamp(quotient, -262144.0, 262144.0))) : 0;
    return intBitsToFloat(clamp(nearest + zero, p.low, p.high));
}

void main()
{
    int index = flatInvocation();
    int element = 4 * index;
    if (element >= p.count) return;
    vec4 x = LOAD4(source, index);
    vec4 value = vec4(0.0);
    for (int k = 0; k < 4; k++) value[k] = converted(x[k], min(element + k, p.count - 1));
    if (element + 4 <= p.count) result[index] = value;
    else for (int k = 0; k < 4; k++) if (element + k < p.count) STORE1(result, element + k, value[k]);
}
