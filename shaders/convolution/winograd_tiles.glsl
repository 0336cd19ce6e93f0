#ifndef VKNET_CONVOLUTION_WINOGRAD_TILES
#define VKNET_CONVOLUTION_WINOGRAD_TILES
// Which tiles a call works on, shared by convolution/winograd_input and convolution/winograd_output. The tiles of all items are numbered
// through, row by row; a call works on tileCount of them from firstTile on, so that what lies between the calls stays small.

//!parameters WinogradParameters Sizes of a Winograd convolution and which of its tiles to work on.
layout(set = 0, binding = 0, std140) uniform Parameters
{
    ivec4 inputSizes; // height, width; texels from one position to the next; texels of one group's channels
    ivec4 outputSizes; // height, width; texels from one position to the next; texels of one group's filters
    int padTop;
    int padLeft;
    int tileRows; // of one item
    int tileColumns;
    int firstTile;
    int tileCount;
    int groups;
    int filters; // of all groups
    int depthTexels; // texels of a row of the transformed input: those of one group's channels, rounded up to 2
    int resultTexel; // first texel of the result within a position, for a result that is a part of a wider tensor
    int lanes; // LANES of the gemm/packed variant between the transforms
    vec4 stepScalars[4];
} p;

#include "common/indexing.glsl"

struct Tile
{
    int item;
    int y; // of its first output
    int x;
};

Tile tileOf(int number)
{
    ivec2 column = divide(p.firstTile + number, p.tileColumns);
    ivec2 row = divide(column.x, p.tileRows);
    return Tile(row.x, row.y * TILE, column.y * TILE);
}

#endif
