#version 450
#extension GL_GOOGLE_include_directive : require
// The gradient of resampling/roi_pool in its picture: that of a cell goes to the first of its largest elements.
//
// Upstream [R, C, rows, columns], Source [N, C, H, W], Regions [R, 5] (item, x0, y0, x1, y1) -> Result [N, C, H, W].
// An invocation owns one channel of one picture, clears it and adds what the regions of that picture contribute in their order, so that no
// two invocations write one place and sums have a fixed order; N * C invocations.
// Cost: one load and one comparison per element of a cell.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int regionCount; // R
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

INPUT_TENSOR(1, Upstream, upstream);
INPUT_TENSOR(2, Source, source);
INPUT_TENSOR(3, Regions, regions);
layout(set = 0, binding = 4, std430) buffer Result { float result[]; };

void main()
{
    int plane = flatInvocation();
    if (plane >= p.batch * p.channels) return;
    ivec2 channel = divide(plane, p.channels);
    int size = p.height * p.width;
    for (int i = 0; i < size; i++) result[plane * size + i] = 0.0;
    for (int number = 0; number < p.regionCount; number++)
    {
        int region = 5 * number;
        if (int(clamp(LOAD1(regions, region), 0.0, float(p.batch - 1))) != channel.x) continue;
        for (int cell = 0; cell < p.rows * p.columns; cell++)
        {
            ivec2 at = divide(cell, p.columns);
            ivec2 across = cellOf(LOAD1(regions, region + 1), LOAD1(regions, region + 3), at.y, p.columns, p.width);
            ivec2 down = cellOf(LOAD1(regions, region + 2), LOAD1(regions, region + 4), at.x, p.rows, p.height);
            float largest = uintBitsToFloat(0xFF800000u);
            int target = -1;
            for (int y = down.x; y < down.y; y++)
                for (int x = across.x; x < across.y; x++)
                {
                    int place = (plane * p.height + y) * p.width + x;
                    float value = LOAD1(source, place);
                    if (value > largest)
                    {
                        largest = value;
                        target = place;
                    }
                }
            if (target >= 0) result[target] += LOAD1(upstream, (number * p.channels + channel.y) * p.rows * p.columns + cell);
        }
    }
}
