#version 450
#extension GL_GOOGLE_include_directive : require
// Reads a picture or volume at the points of a grid: result[n, c, o] = sum over taps of weight * source[n, c, place], with taps and weights
// from grid[n, o] (shaders/resampling/grid.glsl).
//
// Source [N, C, D, H, W] (D = 1 for pictures), Grid [N, points, axes], innermost axis first -> Result [N, C, points].
// VOLUME: 1 for three axes. MODE: linear, nearest, cubic. PADDING: zeros, border, reflection. ALIGN_CORNERS: 0 or 1.
// Invocations: N * ceil(C / block) * points; each finds its point once and makes block channels.
// Cost: 2 taps^axes FLOPs and taps^axes loads per element of Result.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(constant_id = 0) const int VOLUME = 0;
layout(constant_id = 1) const int MODE = 0;
layout(constant_id = 2) const int PADDING = 0;
layout(constant_id = 3) const int ALIGN_CORNERS = 0;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int items;
    int channels;
    int depth;
    int height;
    int width;
    int points;
    int block;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"
#include "resampling/grid.glsl"

INPUT_TENSOR(1, Source, source);
INPUT_TENSOR(2, Grid, grid);
OUTPUT_TENSOR(3, Result, result);

void main()
{
    int item = flatInvocation();
    if (item >= p.items) return;
    ivec2 point = divide(item, p.points);
    int blocks = divideUp(p.channels, p.block);
    ivec2 n = divide(point.x, blocks);
    int at = (n.x * p.points + point.y) * (VOLUME != 0 ? 3 : 2);
    AxisTaps x = tapsAlong(LOAD1(grid, at), p.width);
    AxisTaps y = tapsAlong(LOAD1(grid, at + 1), p.height);
    AxisTaps z = wholeAxis();
    if (VOLUME != 0) z = tapsAlong(LOAD1(grid, at + 2), p.depth);
    int end = min((n.y + 1) * p.block, p.channels);
    for (int c = n.y * p.block; c < end; c++)
    {
        int plane = (n.x * p.channels + c) * p.depth;
        float sum = 0.0;
        for (int i = 0; i < (VOLUME != 0 ? TAPS : 1); i++)
            for (int j = 0; j < TAPS; j++)
                for (int k = 0; k < TAPS; k++)
                {
                    float weight = z.weight[i] * y.weight[j] * x.weight[k];
                    bool inside = min(min(z.place[i], y.place[j]), x.place[k]) >= 0 && weight != 0.0;
                    int place = ((plane + z.place[i]) * p.height + y.place[j]) * p.width + x.place[k];
                    float value = LOAD1(source, inside ? place : 0);
                    sum += inside ? weight * value : 0.0;
                }
        STORE1(result, (n.x * p.channels + c) * p.points + point.y, sum);
    }
}
