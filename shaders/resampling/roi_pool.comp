#version 450
#extension GL_GOOGLE_include_directive : require
// Regions of interest, their edges rounded to elements, pooled to rows x columns cells by their maximum; cells without elements are zero.
//
// Source [N, C, H, W], Regions [R, 5] (item, x0, y0, x1, y1) -> Result [R, C, rows, columns].
// Cost: one load and one comparison per element of a cell.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int count; // elements of Result
    int batch;
    int channels;
    int height;
    int width;
    int rows;
    int columns;
    float scale;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"
#include "resampling/roi_cells.glsl"

INPUT_TENSOR(1, Source, source);
INPUT_TENSOR(2, Regions, regions);
OUTPUT_TENSOR(3, Result, result);

void main()
{
    int index = flatInvocation();
    if (index >= p.count) return;
    ivec2 column = divide(index, p.columns);
    ivec2 row = divide(column.x, p.rows);
    ivec2 channel = divide(row.x, p.channels);
    int region = 5 * channel.x;
    int item = int(clamp(LOAD1(regions, region), 0.0, float(p.batch - 1)));
    ivec2 across = cellOf(LOAD1(regions, region + 1), LOAD1(regions, region + 3), column.y, p.columns, p.width);
    ivec2 down = cellOf(LOAD1(regions, region + 2), LOAD1(regions, region + 4), row.y, p.rows, p.height);
    int plane = (item * p.channels + channel.y) * p.height;
    float largest = across.x < across.y && down.x < down.y ? uintBitsToFloat(0xFF800000u) : 0.0;
    for (int y = down.x; y < down.y; y++)
        for (int x = across.x; x < across.y; x++) largest = max(largest, LOAD1(source, (plane + y) * p.width + x));
    STORE1(result, index, largest);
}
