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

int pointsIn(float cell, int size)
{
    return p.ratio > 0 ? p.ratio : int(clamp(ceil(cell), 0.0, float(2 * size + 2)));
}

// The elements around a coordinate, which becomes its distance from the lower one.
ivec2 neighbours(inout float x, int size)
{
    float at = max(x, 0.0);
    int low = int(min(at, float(size)));
    bool last = low >= size - 1;
    x = last ? 0.0 : at - float(low);
    return last ? ivec2(size - 1) : ivec2(low, low + 1);
}

void main()
{
    int index = flatInvocation();
    if (index >= p.count) return;
    ivec2 column = divide(index, p.columns);
    ivec2 row = divide(column.x, p.rows);
    ivec2 channel = divide(row.x, p.channels);
    int item = clamp(floatBitsToInt(LOAD1(items, channel.x)), 0, p.batch - 1);
    float shift = HALF_PIXEL != 0 ? 0.5 : 0.0;
    vec4 region = vec4(LOAD1(regions, 4 * channel.x), LOAD1(regions, 4 * channel.x + 1), LOAD1(regions, 4 * channel.x + 2), LOAD1(regions, 4 * channel.x + 3)) * p.scale - shift;
    vec2 cell = region.zw - region.xy;
    if (HALF_PIXEL == 0) cell = max(cell, vec2(1.0));
    cell /= vec2(float(p.columns), float(p.rows));
    int rows = pointsIn(cell.y, p.height);
    int columns = pointsIn(cell.x, p.width);
    int plane = (item * p.channels + channel.y) * p.height;
    float sum = 0.0;
    float largest = uintBitsToFloat(0xFF800000u);
    for (int a = 0; a < rows; a++)
    {
        float pointY = region.y + float(row.y) * cell.y + (float(a) + 0.5) * cell.y / float(rows);
        for (int b = 0; b < columns; b++)
        {
            float y = pointY;
            float x = region.x + float(column.y) * cell.x + (float(b) + 0.5) * cell.x / float(columns);
            bool inside = y >= -1.0 && y <= float(p.height) && x >= -1.0 && x <= float(p.width);
            ivec2 vertical = neighbours(y, p.height);
            ivec2 horizontal = neighbours(x, p.width);
            // What lies outside is not read; places are limited all the same, because coordinates are data.
            vertical = clamp(vertical, ivec2(0), ivec2(p.height - 1));
            horizontal = clamp(horizontal, ivec2(0), ivec2(p.width - 1));
            vec4 parts = vec4(1.0 - y, 1.0 - y, y, y) * vec4(1.0 - x, x, 1.0 - x, x) * vec4(
                LOAD1(source, (plane + vertical.x) * p.width + horizontal.x), LOAD1(source, (plane + vertical.x) * p.width + horizontal.y),
                LOAD1(source, (plane + vertical.y) * p.width + horizontal.x), LOAD1(source, (plane + vertical.y) * p.width + horizontal.y));
            parts = inside ? parts : vec4(0.0);
            sum += parts.x + parts.y + parts.z + parts.w;
            largest = max(largest, max(max(parts.x, parts.y), max(parts.z, parts.w)));
        }
    }
    float mean = sum / float(max(rows * columns, 1));
    STORE1(result, index, MAXIMUM != 0 ? (rows * columns == 0 ? 0.0 : largest) : mean);
}
