#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
// A pointwise program with general broadcasting: target[x] = program(source[s0 . x], operand0[s1 . x], ...) over the
// coordinates x of up to eight axes, each tensor with strides s of its own (0 along an axis over which it is repeated).
//
// Target: dense over its axes, axis 0 the innermost here. Of axis 0 only the first innerCount places hold elements; the rest
// is padding (of channels) and is written as zero.
// VECTORS = 1: size[0] is a multiple of 4 and an invocation makes four neighbours along axis 0, so the position is found once.
//   Modes: FULL lies as the output; COLUMN has stride 1 along axis 0 and multiples of 4 elsewhere; ROW has stride 0 along
//   axis 0; STRIDED has any strides; SCALAR is one element.
//   RUN: how many such groups one after the other an invocation makes, a divisor of their number along axis 0; what is the same for all of
//   them is found and read once.
// VECTORS = 0 (RUN = 1): an invocation makes four neighbours in memory and finds the place of each. Modes FULL, STRIDED and SCALAR.
// AXES: number of axes, 1 ... 8.
// Cost: 4 bytes per element for each tensor read and for the output; as many operations as the program has steps.
//!variant texels TEXELS
//!variant baseline
//!variant whole INTEGER
layout(local_size_x = 256) in;

layout(constant_id = 0) const int AXES = 1;
layout(constant_id = 1) const int VECTORS = 0;
layout(constant_id = 2) const int RUN = 1;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int elements; // places of the output, padding included
    int innerCount;
    ivec4 size[2]; // of each axis; with VECTORS that of axis 0 counts runs of groups of four
    uvec4 multiplier[2]; // division by size: see fastDivide
    uvec4 shift[2];
    ivec4 stride[10]; // tensor t, axis a: stride[2 t + a / 4][a % 4]; with VECTORS that of axis 0 is from one run to the next
    ivec4 innerStride; // of the input and operands 0 ... 2 along axis 0, from one element to the next
    int innerStrideOfOperand3;
    vec4 stepScalars[4];
} p;

#include "common/indexing.glsl"
#include "common/division.glsl"
#include "pointwise/program.glsl"

// Adds up the offset of each tensor for the given place; axis 0 is counted in runs with VECTORS.
void locate(uint place, out int offset[5], out int inner)
{
    for (int t = 0; t < 5; t++) offset[t] = 0;
    inner = 0;
    uint rest = place;
    for (int a = 0; a < AXES; a++)
    {
        uint coordinate = rest;
        if (a + 1 < AXES)
        {
            uint quotient = fastDivide(rest, p.multiplier[a >> 2][a & 3], p.shift[a >> 2][a & 3]);
            coordinate = rest - quotient * uint(p.size[a >> 2][a & 3]);
            rest = quotient;
        }
        if (a == 0) inner = int(coordinate);
        for (int t = 0; t < 5; t++) offset[t] += int(coordinate) * p.stride[2 * t + (a >> 2)][a & 3];
    }
}

int innerStrideOf(int number) { return number == 4 ? p.innerStrideOfOperand3 : p.innerStride[number]; }

// What all groups of a run share.
#define READ_SHARED(name, number) \
    { \
        const uint mode = modeOf(number); \
        if (mode == OPERAND_SCALAR) r[number] = toRegister(vec4(LOAD4(name, 0).x), number); \
        if (mode == OPERAND_ROW) r[number] = toRegister(vec4(LOAD1(name, offset[number])), number); \
    }

#define READ_VECTOR(name, number) \
    { \
        vec4 loaded = vec4(0.0); \
        const uint mode = modeOf(number); \
        if (mode == OPERAND_FULL) loaded = LOAD4(name, RUN * index + g); \
        if (mode == OPERAND_COLUMN) loaded = LOAD4(name, (offset[number] >> 2) + g); \
        if (mode == OPERAND_STRIDED) for (int k = 0; k < 4; k++) if (k < valid) loaded[k] = LOAD1(name, offset[number] + (4 * g + k) * innerStrideOf(number)); \
        if (mode == OPERAND_FULL || mode == OPERAND_COLUMN || mode == OPERAND_STRIDED) r[number] = toRegister(loaded, number); \
    }

#define READ_ELEMENTS(name, number) \
    { \
        vec4 loaded = vec4(0.0); \
        const uint mode = modeOf(number); \
        if (mode == OPERAND_FULL) loaded = LOAD4(name, index); \
        if (mode == OPERAND_SCALAR) loaded = vec4(LOAD4(name, 0).x); \
        if (mode == OPERAND_STRIDED) for (int k = 0; k < 4; k++) loaded[k] = LOAD1(name, offsets[k][number]); \
        r[number] = toRegister(loaded, number); \
    }

void store(int element, int valid, VALUE result)
{
    vec4 value = fromRegister(result);
    // A selection, never a product: the padding of a NaN must be zero too.
    for (int k = 0; k < 4; k++) value[k] = k < valid ? value[k] : 0.0;
    storeElements(element, p.elements - element, value);
}

void main()
{
    int index = flatInvocation();
    int element = 4 * RUN * index;
    if (element >= p.elements) return;
    VALUE r[5] = VALUE[5](VALUE(0), VALUE(0), VALUE(0), VALUE(0), VALUE(0));
    int inner;
    int offset[5];
    int offsets[4][5];
    if (VECTORS != 0)
    {
        locate(uint(index), offset, inner);
        READ_SHARED(source, 0)
        READ_SHARED(operand0, 1)
        READ_SHARED(operand1, 2)
        READ_SHARED(operand2, 3)
        READ_SHARED(operand3, 4)
    }
    else
    {
        // The places behind the last one repeat it: they are not stored, but must not be read elsewhere.
        for (int k = 0; k < 4; k++) locate(uint(min(element + k, p.elements - 1)), offsets[k], inner);
    }
    // One call of the program for both: it is most of the code that a driver has to read.
    [[unroll]] for (int g = 0; g < RUN; g++)
    {
        int valid = 4;
        if (VECTORS != 0)
        {
            valid = min(p.innerCount - 4 * (RUN * inner + g), 4);
            READ_VECTOR(source, 0)
            READ_VECTOR(operand0, 1)
            READ_VECTOR(operand1, 2)
            READ_VECTOR(operand2, 3)
            READ_VECTOR(operand3, 4)
        }
        else
        {
            READ_ELEMENTS(source, 0)
            READ_ELEMENTS(operand0, 1)
            READ_ELEMENTS(operand1, 2)
            READ_ELEMENTS(operand2, 3)
            READ_ELEMENTS(operand3, 4)
        }
        store(element + 4 * g, valid, runProgram(r[0], r[1], r[2], r[3], r[4]));
    }
}
