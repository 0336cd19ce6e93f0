#version 450
#extension GL_GOOGLE_include_directive : require
// Merges neighbouring runs of sorted pairs (see indexing/sort_blocks.comp), two and two, and keeps the best of each two. An element's place
// in the merged run is its place in its own plus the number of the partner's elements that come before it, found by bisection.
//
// Bindings
//   source   rows x runs x size keys, then as many places
//   target   rows x ceil(runs / 2) x keep keys, then as many places
// Parameters
//   count    pairs of the source
//   runs     runs of a row
//   size     pairs of a run
//   keep     pairs kept of a merged run, at most 2 size; a run without partner is filled up with pairs that come last
//   merged   pairs of the target
// Cost: per pair 8 bytes read and written, and log2(size) of the partner's pairs read.
layout(local_size_x = 256) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int count;
    int runs;
    int size;
    int keep;
    int merged;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Source, source);
OUTPUT_TENSOR(2, Target, target);

void store(int element, int key, int place)
{
    STORE1(target, element, intBitsToFloat(key));
    STORE1(target, p.merged + element, intBitsToFloat(place));
}

void main()
{
    int item = flatInvocation();
    if (item >= p.count) return;
    ivec2 run = divide(item, p.size);
    ivec2 row = divide(run.x, p.runs);
    int first = (row.x * divideUp(p.runs, 2) + (row.y >> 1)) * p.keep;
    int key = floatBitsToInt(LOAD1(source, item));
    int place = floatBitsToInt(LOAD1(source, p.count + item));
    int partner = row.y ^ 1;
    if (partner >= p.runs)
    {
        if (run.y < p.keep) store(first + run.y, key, place);
        if (p.size + run.y < p.keep) store(first + p.size + run.y, -2147483647 - 1, 2147483647);
        return;
    }
    int start = (row.x * p.runs + partner) * p.size;
    int low = 0;
    int high = p.size;
    while (low < high)
    {
        int middle = (low + high) >> 1;
        int otherKey = floatBitsToInt(LOAD1(source, start + middle));
        int otherPlace = floatBitsToInt(LOAD1(source, p.count + start + middle));
        // Fillers are all alike: those of the first run come first.
        bool isAhead = otherKey > key || (otherKey == key && (otherPlace < place || (otherPlace == place && partner < row.y)));
        if (isAhead) low = middle + 1;
        else high = middle;
    }
    if (run.y + low < p.keep) store(first + run.y + low, key, place);
}
