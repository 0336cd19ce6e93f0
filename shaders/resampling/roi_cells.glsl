#ifndef VKNET_ROI_CELLS
#define VKNET_ROI_CELLS
// The cells of resampling/roi_pool. Before including this file a kernel declares its parameters p (scale).

// Half away from zero.
float rounded(float x) { return x < 0.0 ? -floor(0.5 - x) : floor(x + 0.5); }

// The elements of one cell along an axis: first, and behind the last.
ivec2 cellOf(float first, float last, int cell, int cells, int size)
{
    float start = rounded(first * p.scale);
    float extent = max(rounded(last * p.scale) - start + 1.0, 1.0) / float(cells);
    vec2 edges = vec2(floor(float(cell) * extent), ceil(float(cell + 1) * extent)) + start;
    return clamp(ivec2(clamp(edges, vec2(0.0), vec2(float(size)))), ivec2(0), ivec2(size));
}

#endif
