#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
// The steps of a recurrent layer, forward: all of them in one call with the states in shared memory (WHOLE), or one step whose products
// with the recurrent weights are given. One workgroup handles a tile of ROWS sequences in one direction.
//
// Bindings (see recurrent/layer.glsl for the letters)
//   projected       [rows, D, G, H]: the inputs times their weights, biases added
//   lengths         [N] whole numbers, used if HAS_LENGTHS
//   weights         packed by recurrent/pack (WHOLE)
//   initialHidden, initialCell   [D, N, H], used if HAS_HIDDEN, HAS_CELL
//   peephole        [D, 3, H]: of the input, output and forget gate
//   resetBias       [D, H], CELL_GRU_AFTER: added to the product of the candidate's gate (HAS_RESET_BIAS)
//   product         [D, N, G, H] (CELL_GRU_BEFORE: [D, N, 2, H]) and secondProduct [D, N, H], for one step
//   result          [rows, D, H]
//   hidden, cell    [D, N, H]: the states after the last step
//   saved           [rows, D, S, H]: LSTM gates in their order; GRU z, r, candidate, and what the reset gate acted on, or its product
//   cells           [rows, D, H]
//   reset           [D, N, H], CELL_GRU_BEFORE with PART = 1: r * h, the left side of the second product
// Workgroups: D * ceil(N / ROWS). Cost: 2 G H^2 FLOPs per step and sequence (WHOLE); reads the weights in every step.
//!variant texels4 TEXELS ROWS=4
//!variant texels1 TEXELS ROWS=1
//!variant rows4 ROWS=4
//!variant rows1 ROWS=1
layout(local_size_x = 128) in;
layout(constant_id = 20) const bool SAVE = false;
layout(constant_id = 21) const bool HAS_RESET_BIAS = false;

#include "recurrent/layer.glsl"

INPUT_TENSOR(8, Projected, projected);
INPUT_TENSOR(9, ResetBias, resetBias);
OUTPUT_TENSOR(10, Result, result);
OUTPUT_TENSOR(11, Hidden, hidden);
OUTPUT_TENSOR(12, Cell, cell);
OUTPUT_TENSOR(13, Saved, saved);
OUTPUT_TENSOR(14, Cells, cells);
OUTPUT_TENSOR(15, Reset, reset);

vec4 limited(vec4 x) { return p.clip > 0.0 ? choose(isNan4(x), x, clamp(x, -p.clip, p.clip)) : x; }

vec4 actF(vec4 x) { return activate(ACTIVATION_F, limited(x), p.alpha.x, p.beta.x); }
vec4 actG(vec4 x) { return activate(ACTIVATION_G, limited(x), p.alpha.y, p.beta.y); }

// What enters a gate of unit texel j: from the inputs, and from the states.
#define PROJECTION(gate) LOAD_UNITS(projected, placeOf(row, direction, GATES, gate, j), j)
#define PRODUCT(gate) (WHOLE ? pool[products + at.x * width + (gate) * texels + j] : LOAD_UNITS(product, (own * PRODUCT_GATES + (gate)) * p.units + 4 * j, j))
const int PRODUCT_GATES = CELL == CELL_GRU_BEFORE ? 2 : GATES;

void main()
{
    int tiles = divideUp(p.batch, ROWS);
    ivec2 place = divide(flatWorkgroup(), tiles);
    int direction = place.x;
    if (direction >= p.directions) return;
    int firstRow = place.y * ROWS;
    int texels = unitTexels();
    int lane = int(gl_LocalInvocationID.x);
    int width = GATES * texels;
    // Places in the pool: states, cell states or reset states, products.
    int other = ROWS * texels;
    int products = 2 * other;
    int packedTexels = 4 * texels * width; // of one direction

    // Step by step every invocation needs its own states only, and reads them where they are used.
    for (int i = lane; WHOLE && i < ROWS * texels; i += int(gl_WorkGroupSize.x))
    {
        ivec2 at = divide(i, texels);
        int n = firstRow + at.x;
        vec4 h = vec4(0.0);
        vec4 c = vec4(0.0);
        if (n < p.batch)
        {
            int element = (direction * p.batch + n) * p.units + 4 * at.y;
            if (HAS_HIDDEN) h = LOAD_UNITS(initialHidden, element, at.y);
            if (HAS_CELL) c = LOAD_UNITS(initialCell, element, at.y);
        }
        pool[i] = onlyUnits(h, at.y);
        pool[other + i] = onlyUnits(c, at.y);
    }
    barrier();

    for (int s = p.firstStep; s < p.lastStep; s++)
    {
        if (WHOLE)
        {
            multiplyTile(0, texels, texels, direction * packedTexels, width, 0, CELL == CELL_GRU_BEFORE ? 2 * texels : width, products, width, false);
            barrier();
            if (CELL == CELL_GRU_BEFORE)
            {
                for (int i = lane; i < ROWS * texels; i += int(gl_WorkGroupSize.x))
                {
                    ivec2 at = divide(i, texels);
                    int n = min(firstRow + at.x, p.batch - 1);
                    int row = rowOf(n, timeOf(n, direction, s));
                    vec4 r = actF(LOAD_UNITS(projected, placeOf(row, direction, 3, 1, at.y), at.y) + pool[products + at.x * width + texels + at.y]);
                    pool[other + i] = onlyUnits(r * pool[i], at.y);
                }
                barrier();
                multiplyTile(other, texels, texels, direction * packedTexels, width, 2 * texels, width, products, width, false);
                barrier();
            }
        }
        for (int i = lane; i < ROWS * texels; i += int(gl_WorkGroupSize.x))
        {
            ivec2 at = divide(i, texels);
            int n = firstRow + at.x;
            if (n >= p.batch) continue;
            int j = at.y;
            int t = timeOf(n, direction, s);
            int row = rowOf(n, t);
            bool valid = s < lengthOf(n);
            int own = direction * p.batch + n;
            vec4 before = vec4(0.0);
            vec4 c = vec4(0.0);
            if (WHOLE)
            {
                before = pool[i];
                c = pool[other + i];
            }
            else
            {
                if (HAS_HIDDEN) before = LOAD_UNITS(initialHidden, own * p.units + 4 * j, j);
                if (HAS_CELL) c = LOAD_UNITS(initialCell, own * p.units + 4 * j, j);
            }
            vec4 h = before;
            vec4 keep[4] = vec4[4](vec4(0.0), vec4(0.0), vec4(0.0), vec4(0.0));
            if (CELL == CELL_ELMAN)
            {
                h = actF(PROJECTION(0) + PRODUCT(0));
                keep[0] = h;
            }
            if (CELL == CELL_LSTM)
            {
                vec4 preInput = PROJECTION(p.gates.x) + PRODUCT(p.gates.x);
                vec4 preOutput = PROJECTION(p.gates.y) + PRODUCT(p.gates.y);
                vec4 preForget = PROJECTION(p.gates.z) + PRODUCT(p.gates.z);
                vec4 candidate = actG(PROJECTION(p.gates.w) + PRODUCT(p.gates.w));
                int hole = direction * 3 * p.units + 4 * j;
                if (HAS_PEEPHOLE)
                {
                    preInput += LOAD_UNITS(peephole, hole, j) * c;
                    preForget += LOAD_UNITS(peephole, hole + 2 * p.units, j) * c;
                }
                vec4 inputGate = actF(preInput);
                vec4 forgetGate = INPUT_FORGET ? 1.0 - inputGate : actF(preForget);
                vec4 next = forgetGate * c + inputGate * candidate;
                if (HAS_PEEPHOLE) preOutput += LOAD_UNITS(peephole, hole + p.units, j) * next;
                vec4 outputGate = actF(preOutput);
                h = outputGate * activate(ACTIVATION_H, next, p.alpha.z, p.beta.z);
                if (SAVE)
                {
                    int at4 = placeOf(row, direction, 4, 0, j);
                    STORE_UNITS(saved, at4 + p.gates.x * p.units, j, valid ? inputGate : vec4(0.0))
                    STORE_UNITS(saved, at4 + p.gates.y * p.units, j, valid ? outputGate : vec4(0.0))
                    STORE_UNITS(saved, at4 + p.gates.z * p.units, j, valid ? forgetGate : vec4(0.0))
                    STORE_UNITS(saved, at4 + p.gates.w * p.units, j, valid ? candidate : vec4(0.0))
                    STORE_UNITS(cells, placeOf(row, direction, 1, 0, j), j, valid ? next : vec4(0.0))
                }
                if (valid) c = next;
            }
            if (CELL >= CELL_GRU_AFTER)
            {
                vec4 z = actF(PROJECTION(0) + PRODUCT(0));
                vec4 resetGate = actF(PROJECTION(1) + PRODUCT(1));
                vec4 inner = vec4(0.0);
                if (CELL == CELL_GRU_AFTER || WHOLE) inner = PRODUCT(2);
                else if (PART == 2) inner = LOAD_UNITS(secondProduct, own * p.units + 4 * j, j);
                if (CELL == CELL_GRU_AFTER && HAS_RESET_BIAS) inner += LOAD_UNITS(resetBias, direction * p.units + 4 * j, j);
                vec4 candidate = actG(PROJECTION(2) + (CELL == CELL_GRU_AFTER ? resetGate * inner : inner));
                h = (1.0 - z) * candidate + z * before;
                keep[0] = z;
                keep[1] = resetGate;
                keep[2] = candidate;
                keep[3] = CELL == CELL_GRU_AFTER ? inner : resetGate * before;
                if (CELL == CELL_GRU_BEFORE && PART == 1) STORE_UNITS(reset, own * p.units + 4 * j, j, keep[3])
            }
            if (PART == 1) continue;
            if (SAVE && CELL != CELL_LSTM)
                for (int k = 0; k < SAVED; k++) STORE_UNITS(saved, placeOf(row, direction, SAVED, k, j), j, valid ? keep[k] : vec4(0.0))
            STORE_UNITS(result, placeOf(row, direction, 1, 0, j), j, valid ? h : vec4(0.0))
            if (!valid) h = before;
            if (WHOLE)
            {
                pool[i] = onlyUnits(h, j);
                if (CELL == CELL_LSTM) pool[other + i] = onlyUnits(c, j);
            }
            else
            {
                STORE_UNITS(hidden, own * p.units + 4 * j, j, h)
                if (CELL == CELL_LSTM) STORE_UNITS(cell, own * p.units + 4 * j, j, c)
            }
        }
        barrier();
    }

    if (!WHOLE) return;
    for (int i = lane; i < ROWS * texels; i += int(gl_WorkGroupSize.x))
    {
        ivec2 at = divide(i, texels);
        int n = firstRow + at.x;
        if (n >= p.batch) continue;
        int element = (direction * p.batch + n) * p.units + 4 * at.y;
        STORE_UNITS(hidden, element, at.y, pool[i])
        if (CELL == CELL_LSTM) STORE_UNITS(cell, element, at.y, pool[other + i])
    }
}
