#ifndef VKNET_RECURRENT_LAYER
#define VKNET_RECURRENT_LAYER
// What the kernels of recurrent layers share: parameters, places, and the product of a tile's states with the recurrent weights.
//
// Sizes: N batch, T steps, D directions (1 or 2), H units, G gates (1, 4 or 3), S saved numbers per unit (1, 4 or 4).
// Rows of sequences: row = n * batchRows + t * stepRows, so that either axis may come first.
// Units are handled in fours (texels), HT = ceil(H / 4) of them; the shared memory and the packed weights are filled up with zeros.
// Step s of a sequence is its element s, or from its own end in a reversed direction; beyond a sequence's length states stay as they are.
#include "common/indexing.glsl"
#include "common/tensors.glsl"
#include "recurrent/activations.glsl"

//!constants RecurrentCell The cell of a recurrent layer.
#define CELL_ELMAN 0 // h = f(x + R h)
#define CELL_LSTM 1 // long short-term memory
#define CELL_GRU_AFTER 2 // gated recurrent unit whose reset gate acts on the product R h
#define CELL_GRU_BEFORE 3 // gated recurrent unit whose reset gate acts on h
//!end

layout(constant_id = 0) const int CELL = 0;
layout(constant_id = 1) const bool WHOLE = true; // the whole sequence in one call; else one step, products given
layout(constant_id = 2) const bool ALIGNED = false; // H is a multiple of 4
layout(constant_id = 3) const bool HAS_LENGTHS = false;
layout(constant_id = 4) const bool HAS_HIDDEN = false; // an initial state is given
layout(constant_id = 5) const bool HAS_CELL = false; // an initial cell state is given
layout(constant_id = 6) const bool HAS_PEEPHOLE = false;
layout(constant_id = 7) const bool INPUT_FORGET = false;
layout(constant_id = 8) const int ACTIVATION_F = 0;
layout(constant_id = 9) const int ACTIVATION_G = 0;
layout(constant_id = 10) const int ACTIVATION_H = 0;
layout(constant_id = 11) const int PART = 0; // CELL_GRU_BEFORE step by step: 1 before the second product, 2 after it

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int batch;
    int steps;
    int units;
    int firstStep;
    int lastStep;
    int directions;
    int reversed; // bit d: direction d runs backwards
    int batchRows;
    int stepRows;
    float clip;
    ivec4 gates; // LSTM: where input, output, forget and cell gate stand
    vec4 alpha; // of the activations f, g, h
    vec4 beta;
} p;

const int GATES = CELL == CELL_ELMAN ? 1 : CELL == CELL_LSTM ? 4 : 3;
const int SAVED = CELL == CELL_ELMAN ? 1 : 4;

// 16 KiB, what every device has: the host checks that a tile fits.
shared vec4 pool[1024];

INPUT_TENSOR(1, Lengths, lengths);
INPUT_TENSOR(2, Weights, weights);
INPUT_TENSOR(3, InitialHidden, initialHidden);
INPUT_TENSOR(4, InitialCell, initialCell);
INPUT_TENSOR(5, Peephole, peephole);
INPUT_TENSOR(6, Product, product);
INPUT_TENSOR(7, SecondProduct, secondProduct);

int unitTexels() { return (p.units + 3) >> 2; }

// How many of the four units of a texel exist.
int unitCount(int texel) { return min(p.units - 4 * texel, 4); }

vec4 onlyUnits(vec4 value, int texel) { return ALIGNED ? value : mix(vec4(0.0), value, lessThan(ivec4(0, 1, 2, 3), ivec4(unitCount(texel)))); }

int lengthOf(int n) { return HAS_LENGTHS ? clamp(floatBitsToInt(LOAD1(lengths, n)), 0, p.steps) : p.steps; }

bool isReversed(int direction) { return ((p.reversed >> direction) & 1) != 0; }

// The element of the sequence that a step handles.
int timeOf(int n, int direction, int s)
{
    int length = lengthOf(n);
    return isReversed(direction) && s < length ? length - 1 - s : s;
}

int rowOf(int n, int t) { return n * p.batchRows + t * p.stepRows; }

// Element of a tensor [rows, D, parts, H]: the first of four units.
int placeOf(int row, int direction, int parts, int part, int texel) { return ((row * p.directions + direction) * parts + part) * p.units + 4 * texel; }

// Units that do not exist repeat the last one; onlyUnits puts zeros there.
#define LOAD_UNITS(tensor, element, texel) \
    (ALIGNED ? LOAD4(tensor, (element) >> 2) \
        : vec4(LOAD1(tensor, element), \
               LOAD1(tensor, (element) + min(1, unitCount(texel) - 1)), \
               LOAD1(tensor, (element) + min(2, unitCount(texel) - 1)), \
               LOAD1(tensor, (element) + min(3, unitCount(texel) - 1))))

#define STORE_UNITS(tensor, element, texel, value) \
    { \
        vec4 stored_ = value; \
        if (ALIGNED) tensor[(element) >> 2] = stored_; \
        else for (int i_ = 0; i_ < 4; i_++) if (i_ < unitCount(texel)) STORE1(tensor, (element) + i_, stored_[i_]); \
    }

// pool[target + row * targetRow + column] (+)= sum over k of pool[source + row * sourceRow + k] (four numbers) times four rows of the packed
// weights [depth * 4][width] from texel "first" on, for the columns begin ... end - 1.
void multiplyTile(int source, int sourceRow, int depth, int first, int width, int begin, int end, int target, int targetRow, bool add)
{
    for (int column = begin + int(gl_LocalInvocationID.x); column < end; column += int(gl_WorkGroupSize.x))
    {
        vec4 sum[ROWS];
        [[unroll]] for (int row = 0; row < ROWS; row++) sum[row] = add ? pool[target + row * targetRow + column] : vec4(0.0);
        int at = first + column;
        for (int k = 0; k < depth; k++)
        {
            vec4 w0 = LOAD4(weights, at);
            vec4 w1 = LOAD4(weights, at + width);
            vec4 w2 = LOAD4(weights, at + 2 * width);
            vec4 w3 = LOAD4(weights, at + 3 * width);
            at += 4 * width;
            [[unroll]] for (int row = 0; row < ROWS; row++)
            {
                vec4 x = pool[source + row * sourceRow + k];
                sum[row] += x.x * w0 + x.y * w1 + x.z * w2 + x.w * w3;
            }
        }
        [[unroll]] for (int row = 0; row < ROWS; row++) pool[target + row * targetRow + column] = sum[row];
    }
}

#endif
