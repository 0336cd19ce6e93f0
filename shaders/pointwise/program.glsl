#ifndef VKNET_POINTWISE_PROGRAM
#define VKNET_POINTWISE_PROGRAM
// What the pointwise kernels share: a program (common/epilogue.glsl says how one is written down) over the whole list of
// opcodes, in reals (registers vec4; stored whole numbers are converted on the way in and out) or, with INTEGER defined, in
// exact 32-bit whole numbers (registers ivec4).
//
// Specialization constants beyond those of a program: INPUT_MODE, how the first tensor is read (OperandMode);
// PRIMARY_INTEGER, 1 if it holds whole numbers or truth values; WHOLE_GROUPS, 1 if the number of elements is a multiple of 4 (a CPU driver
// executes both sides of a branch, so this is not left to be found out at run time).
#define POINTWISE_ALL
#include "common/tensors.glsl"
#include "common/numbers.glsl"
vec4 pointwiseStepOfKernel(uint opcode, vec4 result, vec4 a, vec4 b, vec4 c, float alpha, float beta);
#include "common/pointwise.glsl"
#include "pointwise/functions.glsl"
#ifdef INTEGER
#include "pointwise/whole_functions.glsl"
#define VALUE ivec4
#else
#define VALUE vec4
#endif

layout(constant_id = 110) const uint OPERAND_MODES = 0;
layout(constant_id = 111) const uint OPERAND_INTEGER = 0;
layout(constant_id = 112) const uint OUTPUT_INTEGER = 0;
layout(constant_id = 113) const uint PRIMARY_INTEGER = 0;
layout(constant_id = 114) const uint INPUT_MODE = 1;
layout(constant_id = 115) const uint WHOLE_GROUPS = 0;

INPUT_TENSOR(1, Source, source);
OUTPUT_TENSOR(2, Target, target);
INPUT_TENSOR(8, Operand0, operand0);
INPUT_TENSOR(9, Operand1, operand1);
INPUT_TENSOR(10, Operand2, operand2);
INPUT_TENSOR(11, Operand3, operand3);

// Mode of the first tensor (number 0) or of an operand (number 1 ... 4).
uint modeOf(int number) { return number == 0 ? INPUT_MODE : (OPERAND_MODES >> (4 * (number - 1))) & 15u; }

// What was loaded, as a register holds it.
VALUE toRegister(vec4 loaded, int number)
{
#ifdef INTEGER
    return floatBitsToInt(loaded);
#else
    bool whole = number == 0 ? PRIMARY_INTEGER != 0u : ((OPERAND_INTEGER >> (number - 1)) & 1u) != 0u;
    return whole ? vec4(floatBitsToInt(loaded)) : loaded;
#endif
}

// A register's value, as it is stored. Reals become whole numbers by cutting toward zero; what does not fit saturates, NaN gives 0.
vec4 fromRegister(VALUE value)
{
#ifdef INTEGER
    return intBitsToFloat(value);
#else
    if (OUTPUT_INTEGER == 0u) return value;
    ivec4 whole = ivec4(clamp(value, -2147483648.0, 2147483520.0));
    whole = ivec4(value.x >= 2147483648.0 ? 0x7FFFFFFF : whole.x, value.y >= 2147483648.0 ? 0x7FFFFFFF : whole.y,
        value.z >= 2147483648.0 ? 0x7FFFFFFF : whole.z, value.w >= 2147483648.0 ? 0x7FFFFFFF : whole.w);
    return choose(isNan4(value), vec4(0.0), intBitsToFloat(whole));
#endif
}

// Runs the program. Registers 0 ... 4 are filled by the caller.
VALUE runProgram(VALUE r0, VALUE r1, VALUE r2, VALUE r3, VALUE r4)
{
    VALUE r[13];
    r[0] = r0;
    r[1] = r1;
    r[2] = r2;
    r[3] = r3;
    r[4] = r4;
    VALUE result = r0;
    [[unroll]] for (uint i = 0u; i < STEP_COUNT; i++)
    {
        uint code = stepCode(i);
        vec4 pair = p.stepScalars[i >> 1];
        vec2 scalars = (i & 1u) == 0u ? pair.xy : pair.zw;
        VALUE a = r[(code >> 8) & 15u];
        VALUE b = r[(code >> 12) & 15u];
        VALUE c = r[(code >> 16) & 15u];
#ifdef INTEGER
        result = wholeStep(code & 255u, a, b, c, floatBitsToInt(scalars.x), floatBitsToInt(scalars.y));
#else
        result = pointwiseStep(code & 255u, a, b, c, scalars.x, scalars.y);
#endif
        r[5u + i] = result;
    }
    return result;
}

// Stores up to four neighbouring elements; element is a multiple of 4. What lies behind the last element is left alone.
void storeElements(int element, int count, vec4 value)
{
    if (WHOLE_GROUPS != 0u || count >= 4) target[element >> 2] = value;
    else for (int i = 0; i < count; i++) STORE1(target, element + i, value[i]);
}

#endif
