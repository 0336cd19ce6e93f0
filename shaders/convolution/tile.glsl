#ifndef VKNET_CONVOLUTION_TILE
#define VKNET_CONVOLUTION_TILE
// The body of convolution/implicit and convolution/transposed: an implicit matrix product whose rows are output positions, whose columns
// are filters, and whose depth runs over (tap, channel). One subgroup owns ROWS positions x (4 LANES PANELS) filters.
// Including it wants DEPTH (channels per block: 8, or 4 where the channels of a group are an odd number of texels) besides LANES, ROWS, PANELS.

//!parameters ConvolutionParameters Sizes of a channels-last convolution or transposed convolution.
layout(set = 0, binding = 0, std140) uniform Parameters
{
    ivec4 inputSizes; // depth, height, width; texels from one position to the next
    ivec4 outputSizes; // depth, height, width; texels from one position to the next
    ivec4 kernel; // taps along depth, height, width; texels of one group's channels
    ivec4 stride; // along depth, height, width
    ivec4 dilation;
    ivec4 padding; // before the first element
    int batch;
    int groups;
    int columns; // filters of one group
    int storedColumns; // columns rounded up to 4
    int groupTexels; // texels of one group's packed weights
    int resultTexel; // first texel of the result within a position, for a result that is a part of a wider tensor
    vec4 stepScalars[4];
} p;

#include "common/indexing.glsl"
#include "common/epilogue.glsl"

INPUT_TENSOR(1, Source, source);
INPUT_TENSOR(2, Weight, weight);
TOUCHED_OUTPUT_TENSOR(3, Result, result);

const int GROUPS_OF_ROWS = (ROWS + LANES - 1) / LANES;
const int TEXELS_OF_DEPTH = DEPTH / 4;

#define CONVOLVE_BLOCK(sum, leftTexels, rightTexels) \
    [[unroll]] for (int i = 0; i < ROWS; i++) \
    { \
        vec4 rowSum[PANELS]; \
        [[unroll]] for (int j = 0; j < PANELS; j++) rowSum[j] = sum[i * PANELS + j]; \
        [[unroll]] for (int u = 0; u < DEPTH; u++) \
        { \
            float x = subgroupShuffle(leftTexels[(u / 4) * GROUPS_OF_ROWS + i / LANES][u % 4], uint(i % LANES)); \
            [[unroll]] for (int j = 0; j < PANELS; j++) rowSum[j] += x * rightTexels[u * PANELS + j]; \
        } \
        [[unroll]] for (int j = 0; j < PANELS; j++) sum[i * PANELS + j] = rowSum[j]; \
    }

// DEPTH steps of depth of the four columns of a lane in panel j. With HALF a texel holds two steps in half precision.
#ifdef HALF
#define LOAD_WEIGHTS(texels, j, start, depth) \
    [[unroll]] for (int u = 0; u < DEPTH / 2; u++) \
    { \
        uvec4 pair = floatBitsToUint(LOAD4(weight, (start) + ((depth) / 2 + u) * LANES)); \
        texels[2 * u * PANELS + (j)] = vec4(unpackHalf2x16(pair.x), unpackHalf2x16(pair.y)); \
        texels[(2 * u + 1) * PANELS + (j)] = vec4(unpackHalf2x16(pair.z), unpackHalf2x16(pair.w)); \
    }
#else
#define LOAD_WEIGHTS(texels, j, start, depth) [[unroll]] for (int u = 0; u < DEPTH; u++) texels[u * PANELS + (j)] = LOAD4(weight, (start) + ((depth) + u) * LANES);
#endif

// The tile of a workgroup: which of the positions', which of the filters', which group. Neighbours share what would be dear to fetch again: the
// source and the places of the result where there are more positions than steps of depth and tiles store whole cache lines, else the weights.
ivec3 tileOf(int positions, int positionTiles, int filterTiles, bool storesWholeLines)
{
    bool filtersFirst = storesWholeLines && positions > p.kernel.x * p.kernel.y * p.kernel.z * p.kernel.w * 4;
    ivec2 inner = divide(flatWorkgroup(), filtersFirst ? filterTiles : positionTiles);
    ivec2 outer = divide(inner.x, filtersFirst ? positionTiles : filterTiles);
    return ivec3(filtersFirst ? outer.y : inner.y, filtersFirst ? inner.y : outer.y, outer.x);
}

// One block of depth: inside[g] and start[g] tell of the lane's input position in row group g whether it exists and its texel of this block's
// first channels; depth is the block's place in the packed weights.
#define CONVOLVE_STEP(sum, inside, start, depth) \
    { \
        vec4 leftTexels[TEXELS_OF_DEPTH * GROUPS_OF_ROWS]; \
        [[unroll]] for (int b = 0; b < TEXELS_OF_DEPTH; b++) \
            [[unroll]] for (int g = 0; g < GROUPS_OF_ROWS; g++) \
                leftTexels[b * GROUPS_OF_ROWS + g] = choose(bvec4(inside[g]), LOAD4(source, start[g] + b), vec4(0.0)); \
        vec4 rightTexels[DEPTH * PANELS]; \
        [[unroll]] for (int j = 0; j < PANELS; j++) LOAD_WEIGHTS(rightTexels, j, weightStart[j], depth) \
        CONVOLVE_BLOCK(sum, leftTexels, rightTexels) \
    }

// The place after this one, (tap along depth, height, width; channel texel), of so many taps. There is one loop over all of it: at the edges of
// every loop a CPU driver blends each variable that the loop changes with the execution mask, which for a tile's sums costs as much as a block.
ivec4 nextPlace(ivec4 place, ivec3 taps)
{
    bool isLast = place.w + TEXELS_OF_DEPTH >= p.kernel.w;
    ivec3 tap = place.xyz + ivec3(0, 0, isLast ? 1 : 0);
    if (tap.z == taps.z) tap = ivec3(tap.x, tap.y + 1, 0);
    if (tap.y == taps.y) tap = ivec3(tap.x + 1, 0, tap.z);
    return ivec4(tap, isLast ? 0 : place.w + TEXELS_OF_DEPTH);
}

// Whether a position exists; one below zero is beyond any size when read as unsigned.
bool isInside(ivec3 at) { return all(lessThan(uvec3(at), uvec3(p.inputSizes.xyz))); }

// The texel of a position's channels, of an item whose first position is given.
int sourceTexel(int item, ivec3 at, int group, int channelTexel)
{
    return (item + (at.x * p.inputSizes.y + at.y) * p.inputSizes.z + at.z) * p.inputSizes.w + group * p.kernel.w + channelTexel;
}

// Finishes four filters of a position, below storedColumns, and stores them.
void storeFour(int position, int group, int column, vec4 value)
{
    int channel = group * p.columns + column;
    int texels = (p.groups * p.columns + 3) / 4;
    value = epilogue(value, OutputPlace((position * texels) * 4 + channel, position, channel, 4));
    result[position * p.outputSizes.w + p.resultTexel + channel / 4] = choose(lessThan(column + ivec4(0, 1, 2, 3), ivec4(p.columns)), value, vec4(0.0));
}

#endif
