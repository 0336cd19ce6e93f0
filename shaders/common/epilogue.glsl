#ifndef VKNET_EPILOGUE
#define VKNET_EPILOGUE
// The pointwise program that every kernel family runs on its results before storing them.
//
// Registers: r[0] is the kernel's own result, r[1] ... r[4] are elements of up to four tensor operands, r[5 + i] is the
// result of step i. The value stored is the last register written. A step is packed as
//     opcode | a << 8 | b << 12 | c << 16     (a, b, c: register numbers; see opcodes.glsl for what each opcode does)
// and its numbers alpha and beta are p.stepScalars[i / 2].xy for even i and .zw for odd i.
//
// Specialization constants: STEP_COUNT (0 ... 8), STEP_0 ... STEP_7; OPERAND_MODES, four bits per operand, the first
// lowest (OperandMode); OPERAND_INTEGER, a bit per operand that holds i32 or bool elements; OUTPUT_INTEGER, 1 if the output does;
// ALIGNED, true if the output's innermost extent and all its strides are multiples of 4, so that whole groups of four are
// loaded and stored (a CPU driver executes both sides of a branch, so this is not left to be found out at run time).
//
// Before including this file a kernel declares its Parameters block p, with "vec4 stepScalars[4];" among the fields.
// An operand that the program does not use must still be bound: to any input of the kernel.
#include "common/tensors.glsl"
#include "common/pointwise.glsl"

layout(constant_id = 110) const uint OPERAND_MODES = 0;
layout(constant_id = 111) const uint OPERAND_INTEGER = 0;
layout(constant_id = 112) const uint OUTPUT_INTEGER = 0;
layout(constant_id = 113) const bool ALIGNED = false;

// How many results are finished in one iteration of a store loop. Not for the host to set: a specialization constant because
// glslc then leaves the loop rolled (unrolled, it would copy the epilogue and SPIR-V would grow a hundredfold) while the driver unrolls it.
layout(constant_id = 120) const int STORE_CHUNK = 4;

INPUT_TENSOR(8, Operand0, operand0);
INPUT_TENSOR(9, Operand1, operand1);
INPUT_TENSOR(10, Operand2, operand2);
INPUT_TENSOR(11, Operand3, operand3);

// Where four neighbouring output elements are.
struct OutputPlace
{
    int element; // number of the first element in the output tensor, in its physical layout
    int row; // what OPERAND_ROW indexes with
    int column; // what OPERAND_COLUMN indexes with, for the first of the four; a multiple of 4
    int count; // how many of the four exist, 1 ... 4
};

#define LOAD_OPERAND(name, number) \
    { \
        const uint mode = (OPERAND_MODES >> (4 * number)) & 15u; \
        if (mode != OPERAND_NONE) \
        { \
            vec4 value = vec4(0.0); \
            if (mode == OPERAND_SCALAR) value = vec4(LOAD4(name, 0).x); \
            if (mode == OPERAND_COLUMN) value = LOAD4(name, place.column >> 2); \
            if (mode == OPERAND_ROW) value = vec4(LOAD1(name, place.row)); \
            if (mode == OPERAND_FULL) \
            { \
                if (ALIGNED) value = LOAD4(name, place.element >> 2); \
                else for (int i = 0; i < 4; i++) if (i < place.count) value[i] = LOAD1(name, place.element + i); \
            } \
            if (((OPERAND_INTEGER >> number) & 1u) != 0u) value = vec4(floatBitsToInt(value)); \
            r[1 + number] = value; \
        } \
    }

vec4 epilogue(vec4 value, OutputPlace place)
{
    vec4 r[13];
    r[0] = value;
    vec4 result = value;
    LOAD_OPERAND(operand0, 0)
    LOAD_OPERAND(operand1, 1)
    LOAD_OPERAND(operand2, 2)
    LOAD_OPERAND(operand3, 3)
    [[unroll]] for (uint i = 0u; i < STEP_COUNT; i++)
    {
        uint code = stepCode(i);
        vec4 pair = p.stepScalars[i >> 1];
        vec2 scalars = (i & 1u) == 0u ? pair.xy : pair.zw;
        result = pointwiseStep(code & 255u, r[(code >> 8) & 15u], r[(code >> 12) & 15u], r[(code >> 16) & 15u], scalars.x, scalars.y);
        r[5u + i] = result;
    }
    return OUTPUT_INTEGER != 0u ? intBitsToFloat(ivec4(result)) : result;
}

// Stores the first count of four elements from element on.
#define STORE_FOUR(tensor, element, count, value) \
    { \
        if (ALIGNED) tensor[(element) >> 2] = value; \
        else for (int i_ = 0; i_ < 4; i_++) if (i_ < (count)) STORE1(tensor, (element) + i_, value[i_]); \
    }

#endif
