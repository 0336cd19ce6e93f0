#ifndef VKNET_ROI_POINTS
#define VKNET_ROI_POINTS
// The points that resampling/roi_align reads. Before including this file a kernel declares its parameters p (height, width, rows, columns,
// ratio, scale), HALF_PIXEL and the tensor regions.

struct Region
{
    vec2 corner; // x, y
    vec2 cell; // width, height
};

// A point between four elements.
struct Point
{
    bool inside; // what lies outside is not read; places are limited all the same, because coordinates are data
    ivec2 rows;
    ivec2 columns;
    vec4 weights; // row by row
};

Region regionAt(int number)
{
    float shift = HALF_PIXEL != 0 ? 0.5 : 0.0;
    vec4 edges = vec4(LOAD1(regions, 4 * number), LOAD1(regions, 4 * number + 1), LOAD1(regions, 4 * number + 2), LOAD1(regions, 4 * number + 3)) * p.scale - shift;
    vec2 size = edges.zw - edges.xy;
    if (HALF_PIXEL == 0) size = max(size, vec2(1.0));
    return Region(edges.xy, size / vec2(float(p.columns), float(p.rows)));
}

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

// Point (a, b) of rows x columns in the cell at (row, column).
Point pointAt(Region region, ivec2 cell, int a, int rows, int b, int columns)
{
    float y = region.corner.y + float(cell.x) * region.cell.y + (float(a) + 0.5) * region.cell.y / float(rows);
    float x = region.corner.x + float(cell.y) * region.cell.x + (float(b) + 0.5) * region.cell.x / float(columns);
    bool inside = y >= -1.0 && y <= float(p.height) && x >= -1.0 && x <= float(p.width);
    ivec2 vertical = clamp(neighbours(y, p.height), ivec2(0), ivec2(p.height - 1));
    ivec2 horizontal = clamp(neighbours(x, p.width), ivec2(0), ivec2(p.width - 1));
    return Point(inside, vertical, horizontal, vec4(1.0 - y, 1.0 - y, y, y) * vec4(1.0 - x, x, 1.0 - x, x));
}

#endif
