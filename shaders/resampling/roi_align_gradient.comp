#version 450
#extension GL_GOOGLE_include_directive : require
// The gradient of resampling/roi_align in its picture. With MAXIMUM = 1 the gradient of a cell goes to the first of the largest weighted
// neighbours of its points; points outside the picture count as zero.
//
// Upstream [R, C, rows, columns], Source [N, C, H, W], Regions [R, 4] (x0, y0, x1, y1), Items [R] (i32) -> Result [N, C, H, W].
// HALF_PIXEL and ratio as in resampling/roi_align. An invocation owns one channel of one picture, clears it and adds what the regions of
// that picture contribute in their order, so that no two invocations write one place and sums have a fixed order; N * C invocations.
// Cost: 4 loads and about 12 FLOPs per point.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(constant_id = 0) const int MAXIMUM = 0;
layout(constant_id = 1) const int HALF_PIXEL = 1;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int regionCount; // R
    int batch;
    int channels;
    int height;
    int width;
    int rows;
    int columns;
    int ratio;
    float scale;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Upstream, upstream);
INPUT_TENSOR(2, Source, source);
INPUT_TENSOR(3, Regions, regions);
INPUT_TENSOR(4, Items, items);
layout(set = 0, binding = 5, std430) buffer Result { float result[]; };

#include "resampling/roi_points.glsl"

void main()
{
    int plane = flatInvocation();
    if (plane >= p.batch * p.channels) return;
    ivec2 channel = divide(plane, p.channels);
    int size = p.height * p.width;
    for (int i = 0; i < size; i++) result[plane * size + i] = 0.0;
    for (int number = 0; number < p.regionCount; number++)
    {
        if (clamp(floatBitsToInt(LOAD1(items, number)), 0, p.batch - 1) != channel.x) continue;
        Region region = regionAt(number);
        int rows = pointsIn(region.cell.y, p.height);
        int columns = pointsIn(region.cell.x, p.width);
        for (int cell = 0; cell < p.rows * p.columns; cell++)
        {
            ivec2 at = divide(cell, p.columns);
            float gradient = LOAD1(upstream, (number * p.channels + channel.y) * p.rows * p.columns + cell);
            float largest = uintBitsToFloat(0xFF800000u);
            float share = 0.0;
            int target = -1;
            for (int a = 0; a < rows; a++)
                for (int b = 0; b < columns; b++)
                {
                    Point point = pointAt(region, at, a, rows, b, columns);
                    for (int n = 0; n < 4; n++)
                    {
                        int place = (plane * p.height + (n < 2 ? point.rows.x : point.rows.y)) * p.width + ((n & 1) == 0 ? point.columns.x : point.columns.y);
                        if (MAXIMUM == 0)
                        {
                            if (point.inside) result[place] += gradient * point.weights[n] / float(rows * columns);
                            continue;
                        }
                        float part = point.inside ? point.weights[n] * LOAD1(source, place) : 0.0;
                        if (part > largest)
                        {
                            largest = part;
                            share = point.weights[n];
                            target = point.inside ? place : -1;
                        }
                    }
                }
            if (MAXIMUM != 0 && target >= 0) result[target] += gradient * share;
        }
    }
}
