#version 450
// Transposed depthwise convolution over one to three spatial axes: every channel has one filter of its own. Channels-last.
// result[n, o, c] = program(sum over taps k with o + padding - k * dilation = stride * i: source[n, i, c] * weight[k, c])
//
// Bindings
//   source  [batch][depth][height][width][channels in fours]
//   weight  [taps][channels in fours], zero in the pad lanes, as convolution/depthwise takes it
//   result  [batch][depth][height][width][channels in fours]; pad lanes are written as zero
// Parameters: inputSizes, outputSizes, kernel, stride, dilation, padding, batch as in convolution/tile.glsl; channels is the true number.
//   tapStep: taps from one that meets a source element to the next, stride / gcd(stride, dilation); sourceStep: source elements between
//   them, dilation / gcd(stride, dilation).
// Invocations: channel texels * width * height * depth * batch of the result, 64 in a workgroup, spread as common/indexing.glsl says.
// Specialization constants: the pointwise program, with ALIGNED true.
// Cost: 2 batch source-positions channels taps FLOPs; bytes: source and result once from memory, the taps from a cache.
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    ivec4 inputSizes;
    ivec4 outputSizes;
    ivec4 kernel;
    ivec4 stride;
    ivec4 dilation;
    ivec4 padding;
    ivec4 tapStep;
    ivec4 sourceStep;
    int batch;
    int channels;
    int resultTexel;
    vec4 stepScalars[4];
} p;

#include "common/indexing.glsl"
#include "common/epilogue.glsl"

INPUT_TENSOR(1, Source, source);
INPUT_TENSOR(2, Weight, weight);
OUTPUT_TENSOR(3, Result, result);

// The first tap along an axis that meets a source element, and that element, which may lie outside; tap "kernel" when none does.
ivec2 firstTap(int place, int axis)
{
    ivec2 start = divide(place, p.stride[axis]);
    ivec2 move = divide(p.dilation[axis], p.stride[axis]);
    for (int k = 0; k < min(p.tapStep[axis], p.kernel[axis]); k++)
    {
        if (start.y == 0) return ivec2(k, start.x);
        start -= move;
        if (start.y < 0) start += ivec2(-1, p.stride[axis]);
    }
    return ivec2(p.kernel[axis], 0);
}

void main()
{
    int texels = (p.channels + 3) / 4;
    ivec2 channel = divide(flatInvocation(), texels);
    ivec2 column = divide(channel.x, p.outputSizes.z);
    ivec2 line = divide(column.x, p.outputSizes.y);
    ivec2 plane = divide(line.x, p.outputSizes.x);
    int c = channel.y;
    int n = plane.x;
    if (n >= p.batch) return;

    ivec2 deep = firstTap(plane.y + p.padding.x, 0);
    ivec2 down = firstTap(line.y + p.padding.y, 1);
    ivec2 across = firstTap(column.y + p.padding.z, 2);
    vec4 sum = vec4(0.0);
    for (int kz = deep.x, iz = deep.y; kz < p.kernel.x; kz += p.tapStep.x, iz -= p.sourceStep.x)
        for (int ky = down.x, iy = down.y; ky < p.kernel.y; ky += p.tapStep.y, iy -= p.sourceStep.y)
        {
            bool rowInside = iz >= 0 && iz < p.inputSizes.x && iy >= 0 && iy < p.inputSizes.y;
            int rowStart = ((n * p.inputSizes.x + iz) * p.inputSizes.y + iy) * p.inputSizes.z;
            int rowTaps = (kz * p.kernel.y + ky) * p.kernel.z;
            for (int kx = across.x, ix = across.y; kx < p.kernel.z; kx += p.tapStep.z, ix -= p.sourceStep.z)
            {
                bool inside = rowInside && ix >= 0 && ix < p.inputSizes.z;
                vec4 value = choose(bvec4(inside), LOAD4(source, inside ? (rowStart + ix) * p.inputSizes.w + c : 0), vec4(0.0));
                sum += value * LOAD4(weight, (rowTaps + kx) * texels + c);
            }
        }
    int position = channel.x;
    vec4 value = epilogue(sum, OutputPlace((position * texels + c) * 4, position, c * 4, 4));
    result[position * p.outputSizes.w + p.resultTexel + c] = choose(lessThan(c * 4 + ivec4(0, 1, 2, 3), ivec4(p.channels)), value, vec4(0.0));
}
