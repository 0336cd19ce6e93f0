#version 450
// Filter transform of a Winograd convolution (see convolution/winograd.glsl), packed as right matrices of gemm/packed.
//
// Bindings
//   source  [groups * filters][channels][3][3], dense
//   result  [EDGE^2][groups][panels][channels rounded up to 8][lanes][4], zero beyond the true channels and filters
// Parameters
//   groups, filters, channels   filters and channels of one group
//   panels, lanes               ceil(filters / (4 lanes)); LANES of the gemm/packed variant that will read the result
// Invocations: groups * panels * (channels rounded up to 8) * lanes, 64 in a workgroup, spread as common/indexing.glsl says.
// Cost: bytes: the weights read and (TILE + 2)^2 / 9 times as many written; done once for constant weights.
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
//!variant f4 TEXELS TILE=4
//!variant f2 TEXELS TILE=2
layout(local_size_x = 64) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int groups;
    int filters;
    int channels;
    int panels;
    int lanes;
} p;

#include "convolution/winograd.glsl"
#include "common/indexing.glsl"
#include "common/tensors.glsl"
#include "common/numbers.glsl"

INPUT_TENSOR(1, Source, source);
OUTPUT_TENSOR(2, Result, result);

void main()
{
    int depth = (p.channels + 7) & ~7;
    ivec2 lane = divide(flatInvocation(), p.lanes);
    ivec2 channel = divide(lane.x, depth);
    ivec2 panel = divide(channel.x, p.panels);
    int group = panel.x;
    if (group >= p.groups) return;

    vec4 w[9];
    for (int f = 0; f < 4; f++)
    {
        int filter_ = (panel.y * p.lanes + lane.y) * 4 + f;
        bool inside = filter_ < p.filters && channel.y < p.channels;
        int start = inside ? ((group * p.filters + filter_) * p.channels + channel.y) * 9 : 0;
        [[unroll]] for (int k = 0; k < 9; k++) w[k][f] = inside ? LOAD1(source, start + k) : 0.0;
    }
    vec4 half_[3 * EDGE];
    [[unroll]] for (int j = 0; j < 3; j++) TRANSFORM_FILTER(half_, j, 3, w[j], w[3 + j], w[6 + j])
    vec4 a[EDGE * EDGE];
    [[unroll]] for (int i = 0; i < EDGE; i++) TRANSFORM_FILTER(a, i * EDGE, 1, half_[3 * i], half_[3 * i + 1], half_[3 * i + 2])
    int matrix = p.panels * depth * p.lanes;
    int target = group * matrix + (panel.y * depth + channel.y) * p.lanes + lane.y;
    [[unroll]] for (int i = 0; i < EDGE * EDGE; i++) result[target + i * p.groups * matrix] = a[i];
}
