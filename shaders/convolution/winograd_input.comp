#version 450
// Input transform of a Winograd convolution (see convolution/winograd.glsl). Channels-last in, left matrices of gemm/packed out.
//
// Bindings
//   source  [batch][height][width][channels in fours]
//   result  [EDGE^2][groups][ceil(tileCount / lanes)][depthTexels][lanes][4], as gemm/pack_left makes it; rows beyond the last tile are left alone
// Parameters: see convolution/winograd_tiles.glsl.
// Invocations: tileCount * groups * depthTexels, 64 in a workgroup, spread as common/indexing.glsl says.
// Cost: bytes: (TILE + 2)^2 / TILE^2 times the input read, mostly from a cache, and as much written.
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
//!variant f4 TEXELS TILE=4
//!variant f2 TEXELS TILE=2
layout(local_size_x = 64) in;
#include "convolution/winograd.glsl"
#include "convolution/winograd_tiles.glsl"
#include "common/tensors.glsl"
#include "common/numbers.glsl"

INPUT_TENSOR(1, Source, source);
OUTPUT_TENSOR(2, Result, result);

void main()
{
    ivec2 texel = divide(flatInvocation(), p.depthTexels);
    ivec2 group = divide(texel.x, p.groups);
    int number = group.x;
    if (number >= p.tileCount) return;
    Tile tile = tileOf(number);
    int channel = texel.y < p.inputSizes.w ? group.y * p.inputSizes.w + texel.y : -1;

    vec4 a[EDGE * EDGE];
    [[unroll]] for (int i = 0; i < EDGE; i++)
    {
        int y = tile.y - p.padTop + i;
        bool rowInside = channel >= 0 && y >= 0 && y < p.inputSizes.x;
        int rowStart = (tile.item * p.inputSizes.x + y) * p.inputSizes.y;
        [[unroll]] for (int j = 0; j < EDGE; j++)
        {
            int x = tile.x - p.padLeft + j;
            bool inside = rowInside && x >= 0 && x < p.inputSizes.y;
            a[i * EDGE + j] = choose(bvec4(inside), LOAD4(source, inside ? (rowStart + x) * p.inputSizes.z + channel : 0), vec4(0.0));
        }
    }
    [[unroll]] for (int j = 0; j < EDGE; j++) TRANSFORM_INPUT(a, j, EDGE)
    [[unroll]] for (int i = 0; i < EDGE; i++) TRANSFORM_INPUT(a, i * EDGE, 1)

    // The number of lanes is a power of two.
    int block = number & ~(p.lanes - 1);
    int matrix = ((p.tileCount + p.lanes - 1) & ~(p.lanes - 1)) * p.depthTexels;
    int target = group.y * matrix + block * p.depthTexels + texel.y * p.lanes + number - block;
    [[unroll]] for (int i = 0; i < EDGE * EDGE; i++) result[target + i * p.groups * matrix] = a[i];
}
