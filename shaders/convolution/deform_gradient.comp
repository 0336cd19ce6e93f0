#version 450
#extension GL_GOOGLE_include_directive : require
// The gradient of convolution/deform_im2col in its picture (TARGET = 0), its offsets (1) or its mask (2).
//
// Upstream [N, C * taps, H' W'], Source [N, C, H, W]; Offsets [N, groups * taps * 2, H', W'], y before x; Mask [N, groups * taps, H', W']
// -> Result of the shape of Source, Offsets or Mask. MASKED: whether Mask is read.
// TARGET = 0: an invocation owns one channel, clears it and adds what taps and windows contribute in their order, so that no two invocations
// write one place and sums have a fixed order; N * C invocations. Else an invocation owns one tap of one window and one group of channels,
// and sums over these; N * groups * taps * H' W' invocations.
// Cost: 4 loads and about 30 FLOPs per element of Upstream.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(constant_id = 0) const int MASKED = 0;
layout(constant_id = 1) const int TARGET = 0;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int items;
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

INPUT_TENSOR(1, Upstream, upstream);
INPUT_TENSOR(2, Source, source);
INPUT_TENSOR(3, Offsets, offsets);
INPUT_TENSOR(4, Mask, mask);
layout(set = 0, binding = 5, std430) buffer Result { float result[]; };

const int OF_SOURCE = 0;
const int OF_OFFSETS = 1;

// Where a tap reads: the corner above and to the left, and how far behind it.
struct Point
{
    bool near; // whether anything of the picture is read
    ivec2 corner; // row, column
    vec2 rest;
};

Point pointOf(int own, ivec2 tap, int positions, int position)
{
    ivec2 place = divide(position, p.outputWidth);
    float y = float(place.x * p.strideHeight - p.padHeight + tap.x * p.dilationHeight) + LOAD1(offsets, 2 * own * positions + position);
    float x = float(place.y * p.strideWidth - p.padWidth + tap.y * p.dilationWidth) + LOAD1(offsets, (2 * own + 1) * positions + position);
    bool near = y > -1.0 && x > -1.0 && y < float(p.height) && x < float(p.width);
    vec2 corner = near ? floor(vec2(y, x)) : vec2(0.0);
    return Point(near, ivec2(corner), near ? vec2(y, x) - corner : vec2(0.0));
}

// The place of a corner (0 ... 3, row by row) in a plane; -1 outside.
int placeOf(Point point, int corner, int plane)
{
    ivec2 at = point.corner + ivec2(corner >> 1, corner & 1);
    bool inside = point.near && at.x >= 0 && at.y >= 0 && at.x < p.height && at.y < p.width;
    return inside ? (plane * p.height + at.x) * p.width + at.y : -1;
}

vec2 weightsOf(Point point, int corner)
{
    return vec2((corner >> 1) == 0 ? 1.0 - point.rest.x : point.rest.x, (corner & 1) == 0 ? 1.0 - point.rest.y : point.rest.y);
}

void ofSource(int plane)
{
    int positions = p.outputHeight * p.outputWidth;
    int taps = p.kernelHeight * p.kernelWidth;
    ivec2 channel = divide(plane, p.channels);
    int group = channel.x * p.groups + divide(channel.y, p.channels / p.groups).x;
    int size = p.height * p.width;
    for (int i = 0; i < size; i++) result[plane * size + i] = 0.0;
    for (int k = 0; k < taps; k++)
    {
        int own = group * taps + k;
        ivec2 tap = divide(k, p.kernelWidth);
        for (int o = 0; o < positions; o++)
        {
            Point point = pointOf(own, tap, positions, o);
            float gradient = LOAD1(upstream, (plane * taps + k) * positions + o);
            if (MASKED != 0) gradient *= LOAD1(mask, own * positions + o);
            for (int corner = 0; corner < 4; corner++)
            {
                int place = placeOf(point, corner, plane);
                vec2 weights = weightsOf(point, corner);
                if (place >= 0) result[place] += gradient * weights.x * weights.y;
            }
        }
    }
}

void main()
{
    int item = flatInvocation();
    if (item >= p.items) return;
    if (TARGET == OF_SOURCE)
    {
        ofSource(item);
        return;
    }
    int positions = p.outputHeight * p.outputWidth;
    int taps = p.kernelHeight * p.kernelWidth;
    ivec2 position = divide(item, positions);
    int own = position.x;
    ivec2 group = divide(own, taps);
    ivec2 image = divide(group.x, p.groups);
    int perGroup = p.channels / p.groups;
    Point point = pointOf(own, divide(group.y, p.kernelWidth), positions, position.y);
    vec2 slopes = vec2(0.0);
    float sum = 0.0;
    for (int c = 0; c < perGroup; c++)
    {
        int plane = image.x * p.channels + image.y * perGroup + c;
        float gradient = LOAD1(upstream, (plane * taps + group.y) * positions + position.y);
        for (int corner = 0; corner < 4; corner++)
        {
            int place = placeOf(point, corner, plane);
            float value = place >= 0 ? gradient * LOAD1(source, max(place, 0)) : 0.0;
            vec2 weights = weightsOf(point, corner);
            sum += value * weights.x * weights.y;
            slopes += value * vec2((corner >> 1) == 0 ? -weights.y : weights.y, (corner & 1) == 0 ? -weights.x : weights.x);
        }
    }
    if (TARGET == OF_OFFSETS)
    {
        if (MASKED != 0) slopes *= LOAD1(mask, item);
        result[2 * own * positions + position.y] = slopes.x;
        result[(2 * own + 1) * positions + position.y] = slopes.y;
    }
    else result[item] = sum;
}
