#version 450
#extension GL_GOOGLE_include_directive : require
// Unfolds a picture for a deformable convolution: every tap reads, by linear interpolation, where its own offset says, and may be weighted
// by a mask (Zhu et al., "Deformable ConvNets v2", 2019). What lies outside the picture is zero.
//
// Source [N, C, H, W]; Offsets [N, groups * taps * 2, H', W'], y before x; Mask [N, groups * taps, H', W'] -> Result [N, C * taps, H' W'].
// MASKED: whether Mask is read.
// Cost: 4 loads and about 20 FLOPs per element of Result.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(constant_id = 0) const int MASKED = 0;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int count; // elements of Result
    int channels;
    int groups; // groups of channels with offsets of their own
    int height;
    int width;
    int outputHeight;
    int outputWidth;
    int kernelHeight;
    int kernelWidth;
    int strideHeight;
    int strideWidth;
    int dilationHeight;
    int dilationWidth;
    int padHeight;
    int padWidth;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Source, source);
INPUT_TENSOR(2, Offsets, offsets);
INPUT_TENSOR(3, Mask, mask);
OUTPUT_TENSOR(4, Result, result);

float at(int plane, int y, int x)
{
    bool inside = y >= 0 && x >= 0 && y < p.height && x < p.width;
    float value = LOAD1(source, inside ? (plane * p.height + y) * p.width + x : 0);
    return inside ? value : 0.0;
}

void main()
{
    int index = flatInvocation();
    if (index >= p.count) return;
    int positions = p.outputHeight * p.outputWidth;
    int taps = p.kernelHeight * p.kernelWidth;
    ivec2 position = divide(index, positions);
    ivec2 tap = divide(position.x, taps);
    ivec2 channel = divide(tap.x, p.channels);
    ivec2 place = divide(position.y, p.outputWidth);
    int own = (channel.x * p.groups + channel.y / (p.channels / p.groups)) * taps + tap.y;
    float y = float(place.x * p.strideHeight - p.padHeight + tap.y / p.kernelWidth * p.dilationHeight) + LOAD1(offsets, 2 * own * positions + position.y);
    float x = float(place.y * p.strideWidth - p.padWidth + tap.y % p.kernelWidth * p.dilationWidth) + LOAD1(offsets, (2 * own + 1) * positions + position.y);
    bool near = y > -1.0 && x > -1.0 && y < float(p.height) && x < float(p.width);
    vec2 corner = near ? floor(vec2(y, x)) : vec2(0.0);
    vec2 r = near ? vec2(y, x) - corner : vec2(0.0);
    int top = int(corner.x);
    int left = int(corner.y);
    float value = (1.0 - r.x) * ((1.0 - r.y) * at(tap.x, top, left) + r.y * at(tap.x, top, left + 1))
        + r.x * ((1.0 - r.y) * at(tap.x, top + 1, left) + r.y * at(tap.x, top + 1, left + 1));
    if (MASKED != 0) value *= LOAD1(mask, own * positions + position.y);
    STORE1(result, index, near ? value : 0.0);
}
