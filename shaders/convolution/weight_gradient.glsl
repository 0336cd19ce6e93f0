#ifndef VKNET_WEIGHT_GRADIENT
#define VKNET_WEIGHT_GRADIENT
// What the kernels of a convolution's weight gradient share: sizes, tensors, the positions that are their depth, and where sums are stored.
//
// Bindings
//   source    [batch][depth][height][width][channels in fours]
//   upstream  [batch][positions][filters in fours]
//   result    [splits][filters][channels of a group][taps], dense; the host sums the splits where there are several
//   biases    [splits][filters]: with WITH_BIAS the sums of upstream, the gradient of the convolution's bias; else bound to anything
// Depth runs over (item, position) in blocks of LANES, one position per lane; splits are parts of it, each a workgroup of its own.

// Specialization constants: WITH_BIAS; CHANNELS of a texel of source that are not zero everywhere.

layout(constant_id = 0) const bool WITH_BIAS = false;
layout(constant_id = 1) const int CHANNELS = 4;

//!parameters WeightGradientParameters Sizes of a channels-last convolution whose weight gradient is computed.
layout(set = 0, binding = 0, std140) uniform Parameters
{
    ivec4 inputSizes; // depth, height, width; texels of a position of source
    ivec4 outputSizes; // depth, height, width; texels of a position of upstream
    ivec4 kernel; // taps along depth, height, width; texels of one group's channels
    ivec4 stride; // along depth, height, width
    ivec4 dilation;
    ivec4 padding; // before the first element
    int batch;
    int groups;
    int columns; // filters of a group
    int channels; // channels of a group; with several groups, like columns, a multiple of 4
    int splits;
    ivec4 repeat; // positions along each axis that an element of upstream stands for, where it is given before it is repeated
    ivec4 givenSizes; // of upstream as it is given
    vec4 stepScalars[4];
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"
#include "common/numbers.glsl"

INPUT_TENSOR(1, Source, source);
INPUT_TENSOR(2, Upstream, upstream);
OUTPUT_TENSOR(3, Result, result);
OUTPUT_TENSOR(4, Biases, biases);

int taps() { return p.kernel.x * p.kernel.y * p.kernel.z; }

// A texel of weights is four channels at one tap; the one behind the last stands for the bias, whose input is 1 at every position.
int weightTexels() { return taps() * p.kernel.w; }

int allTexels() { return weightTexels() + (WITH_BIAS ? 1 : 0); }

int positionsOfItem() { return p.outputSizes.x * p.outputSizes.y * p.outputSizes.z; }

struct WeightTexel
{
    ivec3 reach; // from the corner of a window
    int channelTexel; // within a position of source
};

WeightTexel weightTexel(int number, int group)
{
    ivec2 tap = divide(min(number, weightTexels() - 1), p.kernel.w);
    ivec2 line = divide(tap.x, p.kernel.z);
    ivec2 plane = divide(line.x, p.kernel.y);
    return WeightTexel(ivec3(plane.x, plane.y, line.y) * p.dilation.xyz - p.padding.xyz, group * p.kernel.w + tap.y);
}

struct Window
{
    int item;
    ivec3 place;
    ivec3 corner; // padding not subtracted
};

Window windowAt(int depth)
{
    ivec2 item = divide(depth, positionsOfItem());
    ivec2 line = divide(item.y, p.outputSizes.z);
    ivec2 plane = divide(line.x, p.outputSizes.y);
    ivec3 place = ivec3(plane.x, plane.y, line.y);
    return Window(item.x, place, place * p.stride.xyz);
}

// First and last block of a split; the last does not belong to it.
ivec2 blocksOf(int split, int depth)
{
    int blocks = (depth + LANES - 1) / LANES;
    int perSplit = divideUp(blocks, p.splits);
    return ivec2(split * perSplit, min(blocks, (split + 1) * perSplit));
}

// Stores element j of a weight texel (or of the bias's, whose first element counts) for a filter of a group.
void storeSum(int split, int group, int filter_, int texel, int j, float sum)
{
    int filters = p.groups * p.columns;
    int place = split * filters + group * p.columns + filter_;
    if (texel == weightTexels())
    {
        if (WITH_BIAS && j == 0) STORE1(biases, place, sum);
        return;
    }
    ivec2 tap = divide(texel, p.kernel.w);
    int channel = tap.y * 4 + j;
    if (channel < p.channels)
    {
        int element = (place * p.channels + channel) * taps() + tap.x;
        STORE1(result, element, sum);
    }
}

#endif
