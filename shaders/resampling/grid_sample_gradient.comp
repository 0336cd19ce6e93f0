#version 450
#extension GL_GOOGLE_include_directive : require
// The gradient of resampling/grid_sample in its input (OF_GRID = 0) or its grid (1).
//
// Upstream [N, C, points], Source [N, C, D, H, W], Grid [N, points, axes] -> Result of Source's or Grid's shape.
// OF_GRID = 0: an invocation owns one channel, clears it and adds the points' contributions in their order, so that no two invocations
// write one place and sums have a fixed order; N * C invocations. OF_GRID = 1: an invocation owns one point and sums over channels;
// N * points invocations.
// Cost: 2 taps^axes FLOPs per element of Upstream (three times that for grids of pictures, four times for volumes).
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(constant_id = 0) const int VOLUME = 0;
layout(constant_id = 1) const int MODE = 0;
layout(constant_id = 2) const int PADDING = 0;
layout(constant_id = 3) const int ALIGN_CORNERS = 0;
layout(constant_id = 4) const int OF_GRID = 0;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int items;
    int channels;
    int depth;
    int height;
    int width;
    int points;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"
#include "resampling/grid.glsl"

INPUT_TENSOR(1, Upstream, upstream);
INPUT_TENSOR(2, Source, source);
INPUT_TENSOR(3, Grid, grid);
layout(set = 0, binding = 4, std430) buffer Result { float result[]; };

void ofInput(int image)
{
    int n = divide(image, p.channels).x;
    int size = p.depth * p.height * p.width;
    for (int i = 0; i < size; i++) result[image * size + i] = 0.0;
    for (int o = 0; o < p.points; o++)
    {
        int at = (n * p.points + o) * (VOLUME != 0 ? 3 : 2);
        AxisTaps x = tapsAlong(LOAD1(grid, at), p.width);
        AxisTaps y = tapsAlong(LOAD1(grid, at + 1), p.height);
        AxisTaps z = wholeAxis();
        if (VOLUME != 0) z = tapsAlong(LOAD1(grid, at + 2), p.depth);
        float gradient = LOAD1(upstream, image * p.points + o);
        for (int i = 0; i < (VOLUME != 0 ? TAPS : 1); i++)
            for (int j = 0; j < TAPS; j++)
                for (int k = 0; k < TAPS; k++)
                    if (min(min(z.place[i], y.place[j]), x.place[k]) >= 0)
                        result[image * size + (z.place[i] * p.height + y.place[j]) * p.width + x.place[k]] += z.weight[i] * y.weight[j] * x.weight[k] * gradient;
    }
}

void ofGrid(int item)
{
    ivec2 n = divide(item, p.points);
    int axes = VOLUME != 0 ? 3 : 2;
    AxisTaps x = tapsAlong(LOAD1(grid, item * axes), p.width);
    AxisTaps y = tapsAlong(LOAD1(grid, item * axes + 1), p.height);
    AxisTaps z = wholeAxis();
    if (VOLUME != 0) z = tapsAlong(LOAD1(grid, item * axes + 2), p.depth);
    vec3 sum = vec3(0.0);
    for (int c = 0; c < p.channels; c++)
    {
        int image = n.x * p.channels + c;
        float gradient = LOAD1(upstream, image * p.points + n.y);
        for (int i = 0; i < (VOLUME != 0 ? TAPS : 1); i++)
            for (int j = 0; j < TAPS; j++)
                for (int k = 0; k < TAPS; k++)
                {
                    if (min(min(z.place[i], y.place[j]), x.place[k]) < 0) continue;
                    float value = gradient * LOAD1(source, ((image * p.depth + z.place[i]) * p.height + y.place[j]) * p.width + x.place[k]);
                    sum += value * vec3(z.weight[i] * y.weight[j] * x.slope[k], z.weight[i] * y.slope[j] * x.weight[k], z.slope[i] * y.weight[j] * x.weight[k]);
                }
    }
    result[item * axes] = sum.x;
    result[item * axes + 1] = sum.y;
    if (VOLUME != 0) result[item * axes + 2] = sum.z;
}

void main()
{
    int item = flatInvocation();
    if (item >= p.items) return;
    if (OF_GRID != 0) ofGrid(item);
    else ofInput(item);
}
