#version 450
// Output transform of a Winograd convolution (see convolution/winograd.glsl): result = program(A' source A). Channels-last.
//
// Bindings
//   source  [EDGE^2][groups][tileCount][filters of a group in fours], the matrix products
//   result  [batch][height][width][filters in fours]; pad lanes are written as zero
// Parameters: see convolution/winograd_tiles.glsl.
// Invocations: tileCount * groups * outputSizes.w, 64 in a workgroup, spread as common/indexing.glsl says.
// Specialization constants: the pointwise program, with ALIGNED true, see common/epilogue.glsl.
// Cost: bytes: (TILE + 2)^2 / TILE^2 times the result read, and the result written.
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
//!variant f4 TEXELS TILE=4
//!variant f2 TEXELS TILE=2
layout(local_size_x = 64) in;
#include "convolution/winograd.glsl"
#include "convolution/winograd_tiles.glsl"
#include "common/epilogue.glsl"

INPUT_TENSOR(1, Source, source);
TOUCHED_OUTPUT_TENSOR(2, Result, result);

// Touches (common/tensors.glsl) what sixteen neighbouring invocations, sixteen texels of one tile as a rule, are going to store.
int touch(Tile tile, int groupTexel, int texel)
{
    int bits = 0;
    int lane = int(gl_LocalInvocationID.x) & 15;
    int place = p.resultTexel + groupTexel + clamp(texel - lane + 4 * (lane & 3), 0, p.outputSizes.w - 1);
    [[unroll]] for (int i = 0; i < TILE; i++)
    {
        int y = min(tile.y + i, p.outputSizes.x - 1);
        int x = min(tile.x + (lane >> 2), p.outputSizes.y - 1);
        bits |= TOUCH(result, ((tile.item * p.outputSizes.x + y) * p.outputSizes.y + x) * p.outputSizes.z + place);
    }
    return bits & (p.groups >> 31);
}

void main()
{
    ivec2 texel = divide(flatInvocation(), p.outputSizes.w);
    ivec2 group = divide(texel.x, p.groups);
    int number = group.x;
    if (number >= p.tileCount) return;
    Tile tile = tileOf(number);

    int bits = touch(tile, group.y * p.outputSizes.w, texel.y);
    vec4 a[EDGE * EDGE];
    int start = (group.y * p.tileCount + number) * p.outputSizes.w + texel.y;
    [[unroll]] for (int i = 0; i < EDGE * EDGE; i++) a[i] = LOAD4(source, start + i * p.groups * p.tileCount * p.outputSizes.w);
    [[unroll]] for (int j = 0; j < EDGE; j++) TRANSFORM_OUTPUT(a, j, EDGE)
    [[unroll]] for (int i = 0; i < TILE; i++) TRANSFORM_OUTPUT(a, i * EDGE, 1)
    vec4 outputs[TILE * TILE];
    [[unroll]] for (int i = 0; i < TILE * TILE; i++) outputs[i] = a[i / TILE * EDGE + i % TILE];

    int texels = (p.filters + 3) >> 2;
    int channel = group.y * p.outputSizes.w + texel.y + bits;
    bvec4 exists = lessThan(channel * 4 + ivec4(0, 1, 2, 3), ivec4(p.filters));
    // A few results per iteration, then the array moves up: see STORE_TILE in common/tile.glsl.
    [[dont_unroll]] for (int chunk = 0; chunk < TILE * TILE; chunk += STORE_CHUNK)
    {
        [[unroll]] for (int i = 0; i < STORE_CHUNK; i++)
        {
            int y = tile.y + (chunk + i) / TILE;
            int x = tile.x + (chunk + i) % TILE;
            if (y >= p.outputSizes.x || x >= p.outputSizes.y) continue;
            int position = (tile.item * p.outputSizes.x + y) * p.outputSizes.y + x;
            vec4 value = epilogue(outputs[i], OutputPlace((position * texels + channel) * 4, position, channel * 4, 4));
            result[position * p.outputSizes.z + p.resultTexel + channel] = choose(exists, value, vec4(0.0));
        }
        [[unroll]] for (int i = 0; i < TILE * TILE; i++) outputs[i] = outputs[min(i + STORE_CHUNK, TILE * TILE - 1)];
    }
}
