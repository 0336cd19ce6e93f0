#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
// A pointwise program over tensors that lie alike: target[i] = program(source[i], operand0[i], ...); a tensor may also be a single element.
//
// Source, Operand0 ... Operand3, Target: elements numbers each, or 1 for modes OPERAND_SCALAR. No other mode is known here.
// Cost: 4 bytes per element for each tensor read and for the output; as many operations as the program has steps.
//!variant texels TEXELS
//!variant baseline
//!variant whole INTEGER
layout(local_size_x = 256) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int elements;
    vec4 stepScalars[4];
} p;

#include "common/indexing.glsl"
#include "pointwise/program.glsl"

#define READ(name, number) \
    VALUE r##number = VALUE(0); \
    if (modeOf(number) == OPERAND_FULL) r##number = toRegister(LOAD4(name, index), number); \
    if (modeOf(number) == OPERAND_SCALAR) r##number = toRegister(vec4(LOAD4(name, 0).x), number);

void main()
{
    int index = flatInvocation();
    int element = 4 * index;
    if (element >= p.elements) return;
    READ(source, 0)
    READ(operand0, 1)
    READ(operand1, 2)
    READ(operand2, 3)
    READ(operand3, 4)
    storeElements(element, p.elements - element, fromRegister(runProgram(r0, r1, r2, r3, r4)));
}
