#version 450
#extension GL_GOOGLE_include_directive : require
// Non-maximum suppression of the boxes of one item and class: again and again the box with the highest score is taken, and those that
// overlap it too much are dropped, until limit boxes are taken or none is left. Of equal scores the first box wins.
//
// Boxes [items, boxes, 4], Scores [items, classes, boxes] -> Selected [items * classes, limit] (i32), Counts [items * classes] (i32);
// Alive [items * classes, boxes] (i32) is a workspace. A workgroup does one item and class; each invocation owns every 256th box.
// CENTRES = 1: boxes are centre x, centre y, width, height; 0: two corners, y before x.
// Cost: limit * boxes comparisons and overlaps for each item and class.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 256) in;

layout(constant_id = 0) const int CENTRES = 0;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int groups; // items * classes
    int classes;
    int boxes;
    int limit;
    int limitsScore; // whether scores must lie above scoreThreshold
    float scoreThreshold;
    float overlapThreshold;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Boxes, boxes);
INPUT_TENSOR(2, Scores, scores);
layout(set = 0, binding = 3, std430) buffer Alive { int alive[]; };
OUTPUT_TENSOR(4, Selected, selected);
OUTPUT_TENSOR(5, Counts, counts);

shared float bestScore[256];
shared int bestBox[256];

// The box as low corner (xy) and high corner (zw).
vec4 cornersOf(int box)
{
    vec4 b = vec4(LOAD1(boxes, 4 * box), LOAD1(boxes, 4 * box + 1), LOAD1(boxes, 4 * box + 2), LOAD1(boxes, 4 * box + 3));
    if (CENTRES != 0) return vec4(b.xy - 0.5 * b.zw, b.xy + 0.5 * b.zw);
    return vec4(min(b.xy, b.zw), max(b.xy, b.zw));
}

bool overlaps(vec4 a, vec4 b)
{
    vec2 both = min(a.zw, b.zw) - max(a.xy, b.xy);
    if (!(both.x > 0.0 && both.y > 0.0)) return false;
    float area = both.x * both.y;
    float areaA = (a.z - a.x) * (a.w - a.y);
    float areaB = (b.z - b.x) * (b.w - b.y);
    if (!(areaA > 0.0 && areaB > 0.0)) return false;
    return area / (areaA + areaB - area) > p.overlapThreshold;
}

void main()
{
    int group = flatWorkgroup();
    if (group >= p.groups) return;
    int lane = int(gl_LocalInvocationID.x);
    int item = group / p.classes;
    int own = group * p.boxes;
    for (int i = lane; i < p.boxes; i += 256) alive[own + i] = p.limitsScore == 0 || LOAD1(scores, own + i) > p.scoreThreshold ? 1 : 0;
    int taken = 0;
    for (; taken < p.limit; taken++)
    {
        float highest = 0.0;
        int found = -1;
        for (int i = lane; i < p.boxes; i += 256)
        {
            float score = LOAD1(scores, own + i);
            if (alive[own + i] == 0 || (found >= 0 && !(score > highest))) continue;
            highest = score;
            found = i;
        }
        bestScore[lane] = highest;
        bestBox[lane] = found;
        barrier();
        for (int reach = 128; reach > 0; reach /= 2)
        {
            if (lane < reach)
            {
                int other = bestBox[lane + reach];
                int mine = bestBox[lane];
                bool better = bestScore[lane + reach] > bestScore[lane] || (bestScore[lane + reach] == bestScore[lane] && other < mine);
                if (other >= 0 && (mine < 0 || better))
                {
                    bestScore[lane] = bestScore[lane + reach];
                    bestBox[lane] = other;
                }
            }
            barrier();
        }
        int chosen = bestBox[0];
        barrier();
        if (chosen < 0) break;
        if (lane == 0) STORE1(selected, group * p.limit + taken, intBitsToFloat(chosen));
        vec4 corners = cornersOf(item * p.boxes + chosen);
        for (int i = lane; i < p.boxes; i += 256)
            if (alive[own + i] != 0 && (i == chosen || overlaps(corners, cornersOf(item * p.boxes + i)))) alive[own + i] = 0;
    }
    if (lane == 0) STORE1(counts, group, intBitsToFloat(taken));
}
