#version 450
#extension GL_GOOGLE_include_directive : require
// Regions of interest resampled to rows x columns cells. A cell is the mean of points read by linear interpolation, or (MAXIMUM = 1) the
// largest weighted neighbour of all its points.
//
// Source [N, C, H, W], Regions [R, 4] (x0, y0, x1, y1), Items [R] (i32) -> Result [R, C, rows, columns].
// HALF_PIXEL = 1: coordinates are shifted by half an element; 0: they are not, and regions are at least one element large.
// ratio: points along each axis of a cell; 0 takes the cell's size rounded up, at most twice the input's size and two, so that a region
// from a stranger cannot keep the device busy.
// Cost: 4 loads and 8 FLOPs per point.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(constant_id = 0) const int MAXIMUM = 0;
layout(constant_id = 1) const int HALF_PIXEL = 1;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int count; // elements of Result
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

INPUT_TENSOR(1, Source, source);
INPUT_TENSOR(2, Regions, regions);
INPUT_TENSOR(3, Items, items);
OUTPUT_TENSOR(4, Result, result);

#include "resampling/roi_points.glsl"

void main()
{
    int index = flatInvocation();
    if (index >= p.count) return;
    ivec2 column = divide(index, p.columns);
    ivec2 row = divide(column.x, p.rows);
    ivec2 channel = divide(row.x, p.channels);
    int item = clamp(floatBitsToInt(LOAD1(items, channel.x)), 0, p.batch - 1);
    Region region = regionAt(channel.x);
    int rows = pointsIn(region.cell.y, p.height);
    int columns = pointsIn(region.cell.x, p.width);
    int plane = (item * p.channels + channel.y) * p.height;
    float sum = 0.0;
    float largest = uintBitsToFloat(0xFF800000u);
    for (int a = 0; a < rows; a++)
        for (int b = 0; b < columns; b++)
        {
            Point point = pointAt(region, ivec2(row.y, column.y), a, rows, b, columns);
            vec4 parts = point.weights * vec4(
                LOAD1(source, (plane + point.rows.x) * p.width + point.columns.x), LOAD1(source, (plane + point.rows.x) * p.width + point.columns.y),
                LOAD1(source, (plane + point.rows.y) * p.width + point.columns.x), LOAD1(source, (plane + point.rows.y) * p.width + point.columns.y));
            parts = point.inside ? parts : vec4(0.0);
            sum += parts.x + parts.y + parts.z + parts.w;
            largest = max(largest, max(max(parts.x, parts.y), max(parts.z, parts.w)));
        }
    float mean = sum / float(max(rows * columns, 1));
    STORE1(result, index, MAXIMUM != 0 ? (rows * columns == 0 ? 0.0 : largest) : mean);
}
