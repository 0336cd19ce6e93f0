#version 450
#extension GL_GOOGLE_include_directive : require
// Lists the boxes that non-maximum suppression selected, one after the other: rows of item, class, box. The rest must have been filled before.
//
// Selected [groups, limit] (i32), Counts and Offsets [groups] (i32) -> Result [rows, 3] (i32). Cost: 12 bytes per box.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int groups;
    int classes;
    int limit;
    int rows;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Selected, selected);
INPUT_TENSOR(2, Counts, counts);
INPUT_TENSOR(3, Offsets, offsets);
OUTPUT_TENSOR(4, Result, result);

void main()
{
    int index = flatInvocation();
    if (index >= p.groups * p.limit) return;
    ivec2 group = divide(index, p.limit);
    if (group.y >= floatBitsToInt(LOAD1(counts, group.x))) return;
    int row = floatBitsToInt(LOAD1(offsets, group.x)) + group.y;
    if (row < 0 || row >= p.rows) return;
    ivec2 item = divide(group.x, p.classes);
    STORE1(result, 3 * row, intBitsToFloat(item.x));
    STORE1(result, 3 * row + 1, intBitsToFloat(item.y));
    STORE1(result, 3 * row + 2, LOAD1(selected, index));
}
