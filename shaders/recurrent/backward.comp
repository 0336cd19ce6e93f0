#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
// The steps of a recurrent layer, backward through time: all of them in one call (WHOLE), or one step whose product with the recurrent
// weights follows as a call of its own. One workgroup handles a tile of ROWS sequences in one direction, last step first.
//
// Bindings (see recurrent/layer.glsl for the letters)
//   lengths, weights (WHOLE), initialHidden, initialCell, peephole   as in recurrent/forward
//   product          not used; secondProduct: [D, N, H], CELL_GRU_BEFORE with PART = 2: the gradient of r * h
//   saved, cells     what the forward pass saved
//   result           [rows, D, H]: the forward result
//   resultGradient   [rows, D, H], used if HAS_RESULT
//   hiddenGradient, cellGradient   [D, N, H]: of the states after the last step handled, used if HAS_HIDDEN_GRADIENT, HAS_CELL_GRADIENT
//   gradient         [rows, D, G, H]: of what enters the gates from the inputs
//   before           [rows, D, H]: the states before each step
//   cellBefore       [rows, D, H], if HAS_PEEPHOLE: the cell states before each step
//   hiddenResult, cellResult       [D, N, H]: gradients of the states before the first step handled; for one step hiddenResult lacks the
//                    part through the products
//   left             [D, N, G, H], for one step: of what enters the gates from the states (CELL_GRU_BEFORE: [D, N, H] of the candidate for
//                    PART = 1, [D, N, 2, H] of the other gates for PART = 2)
// Workgroups: D * ceil(N / ROWS). Cost: 2 G H^2 FLOPs per step and sequence (WHOLE).
//!variant texels4 TEXELS ROWS=4
//!variant texels1 TEXELS ROWS=1
//!variant rows4 ROWS=4
//!variant rows1 ROWS=1
layout(local_size_x = 128) in;
layout(constant_id = 20) const bool HAS_RESULT = false;
layout(constant_id = 21) const bool HAS_HIDDEN_GRADIENT = false;
layout(constant_id = 22) const bool HAS_CELL_GRADIENT = false;

#include "recurrent/layer.glsl"

INPUT_TENSOR(8, Saved, saved);
INPUT_TENSOR(9, Cells, cells);
INPUT_TENSOR(10, Result, result);
INPUT_TENSOR(11, ResultGradient, resultGradient);
INPUT_TENSOR(12, HiddenGradient, hiddenGradient);
INPUT_TENSOR(13, CellGradient, cellGradient);
OUTPUT_TENSOR(14, Gradient, gradient);
OUTPUT_TENSOR(15, Before, before);
OUTPUT_TENSOR(16, CellBefore, cellBefore);
OUTPUT_TENSOR(17, HiddenResult, hiddenResult);
OUTPUT_TENSOR(18, CellResult, cellResult);
OUTPUT_TENSOR(19, Left, left);

vec4 slopeF(vec4 y) { return activationSlope(ACTIVATION_F, y, p.alpha.x, p.beta.x); }
vec4 slopeG(vec4 y) { return activationSlope(ACTIVATION_G, y, p.alpha.y, p.beta.y); }

// Sequences that fill the last tile up share the place of the last true one, and must not write there.
#define STORE_IF_OWN(tensor, element, value) { if (firstRow + at.x < p.batch) STORE_UNITS(tensor, element, j, value) }

// A gate's gradient: of what enters it from the inputs, and of what enters from the states, kept for the product.
#define STORE_GATE_FROM(gate, value, fromStates) \
    { \
        STORE_IF_OWN(gradient, placeOf(row, direction, GATES, gate, j), valid ? value : vec4(0.0)) \
        if (WHOLE) pool[entry + (gate) * texels] = valid ? onlyUnits(fromStates, j) : vec4(0.0); \
        else if (CELL != CELL_GRU_BEFORE) STORE_LEFT((own * GATES + (gate)) * p.units + 4 * j, fromStates) \
        else if (PART == 2 && (gate) < 2) STORE_LEFT((own * 2 + (gate)) * p.units + 4 * j, fromStates) \
    }
#define STORE_GATE(gate, value) STORE_GATE_FROM(gate, value, value)
#define STORE_LEFT(element, value) STORE_IF_OWN(left, element, valid ? value : vec4(0.0))

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
    // Places in the pool: gradients of the states; of the cell states, or of r * h; of what enters the gates.
    int other = ROWS * texels;
    int entering = 2 * other;
    int packed = direction * 4 * texels * width;

    // Step by step every invocation needs its own gradients only, and reads them where they are used.
    for (int i = lane; WHOLE && i < ROWS * texels; i += int(gl_WorkGroupSize.x))
    {
        ivec2 at = divide(i, texels);
        int n = firstRow + at.x;
        vec4 h = vec4(0.0);
        vec4 c = vec4(0.0);
        if (n < p.batch)
        {
            int element = (direction * p.batch + n) * p.units + 4 * at.y;
            if (HAS_HIDDEN_GRADIENT) h = LOAD_UNITS(hiddenGradient, element, at.y);
            if (HAS_CELL_GRADIENT) c = LOAD_UNITS(cellGradient, element, at.y);
        }
        pool[i] = onlyUnits(h, at.y);
        pool[other + i] = onlyUnits(c, at.y);
    }
    barrier();

    for (int s = p.lastStep - 1; s >= p.firstStep; s--)
    {
        for (int i = lane; i < ROWS * texels; i += int(gl_WorkGroupSize.x))
        {
            ivec2 at = divide(i, texels);
            int n = firstRow + at.x;
            int j = at.y;
            int entry = entering + at.x * width + j;
            bool valid = n < p.batch && s < lengthOf(min(n, p.batch - 1));
            n = min(n, p.batch - 1);
            int own = direction * p.batch + n;
            int row = rowOf(n, timeOf(n, direction, s));
            int here = placeOf(row, direction, 1, 0, j);
            int saves = placeOf(row, direction, SAVED, 0, j);
            int previous = placeOf(rowOf(n, timeOf(n, direction, max(s - 1, 0))), direction, 1, 0, j);
            vec4 h = vec4(0.0); // the state before this step
            if (s > 0) h = LOAD_UNITS(result, previous, j);
            else if (HAS_HIDDEN) h = LOAD_UNITS(initialHidden, own * p.units + 4 * j, j);
            vec4 carried = vec4(0.0);
            vec4 cellCarried = vec4(0.0);
            if (WHOLE)
            {
                carried = pool[i];
                cellCarried = pool[other + i];
            }
            else
            {
                if (HAS_HIDDEN_GRADIENT) carried = LOAD_UNITS(hiddenGradient, own * p.units + 4 * j, j);
                if (HAS_CELL_GRADIENT) cellCarried = LOAD_UNITS(cellGradient, own * p.units + 4 * j, j);
            }
            vec4 dh = carried;
            if (HAS_RESULT) dh += LOAD_UNITS(resultGradient, here, j);
            vec4 direct = vec4(0.0); // the part of dh that reaches the state before this step without a product
            vec4 d[4] = vec4[4](vec4(0.0), vec4(0.0), vec4(0.0), vec4(0.0)); // gradients of what enters the gates from the inputs
            vec4 candidateLeft = vec4(0.0); // what enters the candidate's gate from the states
            if (CELL == CELL_ELMAN) d[0] = dh * slopeF(LOAD_UNITS(saved, saves, j));
            if (CELL == CELL_LSTM)
            {
                vec4 inputGate = LOAD_UNITS(saved, saves + p.gates.x * p.units, j);
                vec4 outputGate = LOAD_UNITS(saved, saves + p.gates.y * p.units, j);
                vec4 forgetGate = LOAD_UNITS(saved, saves + p.gates.z * p.units, j);
                vec4 candidate = LOAD_UNITS(saved, saves + p.gates.w * p.units, j);
                vec4 c = LOAD_UNITS(cells, here, j);
                vec4 cBefore = vec4(0.0);
                if (s > 0) cBefore = LOAD_UNITS(cells, previous, j);
                else if (HAS_CELL) cBefore = LOAD_UNITS(initialCell, own * p.units + 4 * j, j);
                vec4 seen = activate(ACTIVATION_H, c, p.alpha.z, p.beta.z);
                vec4 dOutput = dh * seen * slopeF(outputGate);
                vec4 dc = cellCarried + dh * outputGate * activationSlope(ACTIVATION_H, seen, p.alpha.z, p.beta.z);
                int hole = direction * 3 * p.units + 4 * j;
                if (HAS_PEEPHOLE) dc += LOAD_UNITS(peephole, hole + p.units, j) * dOutput;
                vec4 dForget = INPUT_FORGET ? vec4(0.0) : dc * cBefore * slopeF(forgetGate);
                vec4 dInput = dc * (INPUT_FORGET ? candidate - cBefore : candidate) * slopeF(inputGate);
                vec4 dCandidate = dc * inputGate * slopeG(candidate);
                vec4 dcBefore = dc * forgetGate;
                if (HAS_PEEPHOLE)
                {
                    dcBefore += LOAD_UNITS(peephole, hole, j) * dInput + LOAD_UNITS(peephole, hole + 2 * p.units, j) * dForget;
                    STORE_IF_OWN(cellBefore, here, valid ? cBefore : vec4(0.0))
                }
                if (valid) cellCarried = dcBefore;
                STORE_GATE(p.gates.x, dInput)
                STORE_GATE(p.gates.y, dOutput)
                STORE_GATE(p.gates.z, dForget)
                STORE_GATE(p.gates.w, dCandidate)
            }
            if (CELL >= CELL_GRU_AFTER)
            {
                vec4 z = LOAD_UNITS(saved, saves, j);
                vec4 r = LOAD_UNITS(saved, saves + p.units, j);
                vec4 candidate = LOAD_UNITS(saved, saves + 2 * p.units, j);
                vec4 inner = LOAD_UNITS(saved, saves + 3 * p.units, j);
                direct = dh * z;
                d[0] = dh * (h - candidate) * slopeF(z);
                d[2] = dh * (1.0 - z) * slopeG(candidate);
                candidateLeft = d[2];
                if (CELL == CELL_GRU_AFTER)
                {
                    d[1] = d[2] * inner * slopeF(r);
                    candidateLeft = d[2] * r;
                }
                else if (!WHOLE && PART == 2)
                {
                    vec4 dReset = LOAD_UNITS(secondProduct, own * p.units + 4 * j, j);
                    d[1] = dReset * h * slopeF(r);
                    direct += dReset * r;
                }
            }
            if (CELL != CELL_LSTM)
                for (int g = 0; g < GATES; g++)
                    if (!(CELL == CELL_GRU_BEFORE && (WHOLE ? g == 1 : PART == 1))) STORE_GATE_FROM(g, d[g], CELL >= CELL_GRU_AFTER && g == 2 ? candidateLeft : d[g])
            if (CELL == CELL_GRU_BEFORE && PART == 1) STORE_LEFT(own * p.units + 4 * j, candidateLeft)
            if (PART == 1) continue;
            STORE_IF_OWN(before, here, valid ? h : vec4(0.0))
            if (valid) carried = direct;
            if (WHOLE)
            {
                pool[i] = onlyUnits(carried, j);
                if (CELL == CELL_LSTM) pool[other + i] = onlyUnits(cellCarried, j);
            }
            else
            {
                STORE_IF_OWN(hiddenResult, own * p.units + 4 * j, carried)
                if (CELL == CELL_LSTM) STORE_IF_OWN(cellResult, own * p.units + 4 * j, cellCarried)
            }
        }
        barrier();
        if (!WHOLE) break;
        if (CELL == CELL_GRU_BEFORE)
        {
            // The gradient of r * h, then of the reset gate.
            multiplyTile(entering + 2 * texels, width, texels, packed + 2 * 4 * texels * texels, texels, 0, texels, other, texels, false);
            barrier();
            for (int i = lane; i < ROWS * texels; i += int(gl_WorkGroupSize.x))
            {
                ivec2 at = divide(i, texels);
                int j = at.y;
                int entry = entering + at.x * width + j;
                bool inBatch = firstRow + at.x < p.batch;
                int n = min(firstRow + at.x, p.batch - 1);
                bool valid = inBatch && s < lengthOf(n);
                int row = rowOf(n, timeOf(n, direction, s));
                vec4 h = vec4(0.0);
                if (s > 0) h = LOAD_UNITS(result, placeOf(rowOf(n, timeOf(n, direction, s - 1)), direction, 1, 0, j), j);
                else if (HAS_HIDDEN) h = LOAD_UNITS(initialHidden, (direction * p.batch + n) * p.units + 4 * j, j);
                vec4 r = LOAD_UNITS(saved, placeOf(row, direction, SAVED, 1, j), j);
                vec4 dReset = pool[other + i];
                vec4 d = dReset * h * slopeF(r);
                pool[entry + texels] = valid ? onlyUnits(d, j) : vec4(0.0);
                if (inBatch) STORE_UNITS(gradient, placeOf(row, direction, GATES, 1, j), j, valid ? d : vec4(0.0))
                if (valid) pool[i] += onlyUnits(dReset * r, j);
            }
            barrier();
            multiplyTile(entering, width, 2 * texels, packed, texels, 0, texels, 0, texels, true);
        }
        else multiplyTile(entering, width, width, packed, texels, 0, texels, 0, texels, true);
        barrier();
    }

    if (!WHOLE) return;
    for (int i = lane; i < ROWS * texels; i += int(gl_WorkGroupSize.x))
    {
        ivec2 at = divide(i, texels);
        int n = firstRow + at.x;
        if (n >= p.batch) continue;
        int element = (direction * p.batch + n) * p.units + 4 * at.y;
        STORE_UNITS(hiddenResult, element, at.y, pool[i])
        if (CELL == CELL_LSTM) STORE_UNITS(cellResult, element, at.y, pool[other + i])
    }
}
