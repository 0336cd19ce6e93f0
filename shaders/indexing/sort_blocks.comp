#version 450
#extension GL_GOOGLE_include_directive : require
// Sorts pieces of rows: of every block of elements the keep best, in order, as pairs of a key (see indexing/order.glsl) and a place in the row.
// Equal elements are ordered by place. Pieces that are too short are filled up with pairs that come after all others (place 2^31 - 1).
//
// Bindings
//   source   [outer, extent, inner]; row number outer index * inner + inner index
//   sorted   rows x blocks x keep keys, then as many places
// Parameters
//   pieces           rows x blocks
//   extent, inner
//   blocks           pieces of a row
//   size             elements of a piece: a power of two, 2 ... 1024
//   keep             best elements kept of a piece, at most size
// A workgroup sorts one piece by a bitonic network (Batcher 1968) in shared memory.
// Cost: 4 bytes read per element; size * log2(size)^2 / 4 comparisons per piece.
//!variant texels TEXELS
//!variant baseline
//!variant whole INTEGER
layout(local_size_x = 256) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int pieces;
    int extent;
    int inner;
    int blocks;
    int size;
    int keep;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"
#include "indexing/order.glsl"

INPUT_TENSOR(1, Source, source);
OUTPUT_TENSOR(2, Sorted, sorted_);

shared int keys[1024];
shared int places[1024];

void main()
{
    int piece = flatWorkgroup();
    bool exists = piece < p.pieces;
    ivec2 block = divide(min(piece, p.pieces - 1), p.blocks);
    ivec2 row = divide(block.x, p.inner);
    int own = int(gl_LocalInvocationID.x);
    for (int i = own; i < p.size; i += 256)
    {
        int place = block.y * p.size + i;
        bool inside = place < p.extent;
        int key = keysOf(vec4(LOAD1(source, (row.x * p.extent + (inside ? place : 0)) * p.inner + row.y))).x;
        keys[i] = inside ? key : -2147483647 - 1;
        places[i] = inside ? place : 2147483647;
    }
    for (int run = 2; run <= p.size; run *= 2)
    {
        for (int reach = run / 2; reach > 0; reach /= 2)
        {
            barrier();
            for (int i = own; i < p.size / 2; i += 256)
            {
                // Pair number i: its first element has the bit of reach clear.
                int a = 2 * i - (i & (reach - 1));
                int b = a + reach;
                bool isAhead = keys[a] > keys[b] || (keys[a] == keys[b] && places[a] < places[b]);
                if (isAhead != ((a & run) == 0))
                {
                    int key = keys[a];
                    int place = places[a];
                    keys[a] = keys[b];
                    places[a] = places[b];
                    keys[b] = key;
                    places[b] = place;
                }
            }
        }
    }
    barrier();
    if (!exists) return;
    for (int i = own; i < p.keep; i += 256)
    {
        STORE1(sorted_, piece * p.keep + i, intBitsToFloat(keys[i]));
        STORE1(sorted_, (p.pieces + piece) * p.keep + i, intBitsToFloat(places[i]));
    }
}
