#version 450
#extension GL_GOOGLE_include_directive : require
// Lays recurrent weights out for recurrent/forward and recurrent/backward: gates are filled up with zeros to whole texels of units.
//
// Source: [D][sourceGates][H][H], a row for each unit of a gate, a column for each unit of the state. Gates firstGate on, G of them, are taken.
// Result, forward (TRANSPOSED): [D][4 HT states][G][4 HT units]; backward: [D][G][4 HT units][4 HT states]; HT = ceil(H / 4).
// One invocation per texel of the result. Cost: reads 4 D G H^2 bytes, writes 64 D G HT^2.
layout(local_size_x = 64) in;
layout(constant_id = 0) const bool TRANSPOSED = true;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int count; // texels of the result
    int gates;
    int units;
    int sourceGates;
    int firstGate;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Source, source);
OUTPUT_TENSOR(2, Result, result);

void main()
{
    int index = flatInvocation();
    if (index >= p.count) return;
    int texels = (p.units + 3) >> 2;
    ivec2 a = divide(index, texels); // x: what is outside, y: texel of the innermost axis
    vec4 value = vec4(0.0);
    if (TRANSPOSED)
    {
        ivec2 gate = divide(a.x, p.gates);
        ivec2 state = divide(gate.x, 4 * texels);
        for (int i = 0; i < 4; i++)
        {
            int unit = 4 * a.y + i;
            if (unit < p.units && state.y < p.units) value[i] = LOAD1(source, ((state.x * p.sourceGates + p.firstGate + gate.y) * p.units + unit) * p.units + state.y);
        }
    }
    else
    {
        ivec2 unit = divide(a.x, 4 * texels);
        ivec2 gate = divide(unit.x, p.gates);
        for (int i = 0; i < 4; i++)
        {
            int state = 4 * a.y + i;
            if (unit.y < p.units && state < p.units) value[i] = LOAD1(source, ((gate.x * p.sourceGates + p.firstGate + gate.y) * p.units + unit.y) * p.units + state);
        }
    }
    result[index] = value;
}
