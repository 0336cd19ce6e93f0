#ifndef VKNET_POINTWISE_WHOLE_FUNCTIONS
#define VKNET_POINTWISE_WHOLE_FUNCTIONS
// The opcodes on whole numbers: exact arithmetic in 32 bits, wrapping. A step's two numbers are the bit patterns of integers.
// Division by zero gives 0 here; ONNX leaves it open.

const ivec4 WHOLE_ZERO = ivec4(0);
const ivec4 WHOLE_ONE = ivec4(1);

ivec4 chooseWhole(bvec4 condition, ivec4 a, ivec4 b) { return ivec4(condition.x ? a.x : b.x, condition.y ? a.y : b.y, condition.z ? a.z : b.z, condition.w ? a.w : b.w); }

// The quotient cut toward zero, computed without signs: GLSL leaves signed remainders open.
int quotientOf(int a, int b)
{
    if (b == 0) return 0;
    uint q = uint(abs(a)) / uint(abs(b));
    return (a < 0) != (b < 0) ? -int(q) : int(q);
}

int remainderOfWhole(int a, int b)
{
    if (b == 0) return 0;
    uint r = uint(abs(a)) % uint(abs(b));
    return a < 0 ? -int(r) : int(r);
}

int moduloOfWhole(int a, int b)
{
    int r = remainderOfWhole(a, b);
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

// a^n; negative exponents give the reciprocal cut toward zero.
int powerOfWhole(int a, int n)
{
    if (n < 0) return a == 1 ? 1 : a == -1 ? ((n & 1) != 0 ? -1 : 1) : 0;
    int result = 1;
    for (int factor = a; n != 0; n >>= 1, factor *= factor)
        if ((n & 1) != 0) result *= factor;
    return result;
}

#define EACH(function) ivec4(function(a.x, b.x), function(a.y, b.y), function(a.z, b.z), function(a.w, b.w))

// Shifts by 32 or more empty the number.
ivec4 shiftLeft(ivec4 a, ivec4 b) { return chooseWhole(lessThan(uvec4(b), uvec4(32u)), a << (b & 31), WHOLE_ZERO); }
ivec4 shiftRight(ivec4 a, ivec4 b) { return chooseWhole(lessThan(uvec4(b), uvec4(32u)), ivec4(uvec4(a) >> uvec4(b & 31)), WHOLE_ZERO); }

// Keeps the lowest bits of a number: unsigned for a positive count, signed for a negative one.
ivec4 wrapToBits(ivec4 a, int bits)
{
    int spare = 32 - abs(bits);
    return bits < 0 ? (a << spare) >> spare : ivec4(uvec4(a << spare) >> uint(spare));
}

#define WHOLE_TRUTH(condition) chooseWhole(condition, WHOLE_ONE, WHOLE_ZERO)

ivec4 wholeStep(uint opcode, ivec4 a, ivec4 b, ivec4 c, int alpha, int beta)
{
    bvec4 isA = notEqual(a, WHOLE_ZERO);
    bvec4 isB = notEqual(b, WHOLE_ZERO);
    ivec4 result = a;
    CASE(OP_ADD, a + b);
    CASE(OP_SUBTRACT, a - b);
    CASE(OP_MULTIPLY, a * b);
    CASE(OP_DIVIDE, EACH(quotientOf));
    CASE(OP_MAXIMUM, max(a, b));
    CASE(OP_MINIMUM, min(a, b));
    CASE(OP_NEGATE, -a);
    CASE(OP_ABSOLUTE, abs(a));
    CASE(OP_SQUARE, a * a);
    CASE(OP_AFFINE, alpha * a + beta);
    CASE(OP_CLIP, min(max(a, ivec4(alpha)), ivec4(beta)));
    CASE(OP_RELU, max(a, WHOLE_ZERO));
    CASE(OP_POSITIVE_GATE, chooseWhole(greaterThan(a, WHOLE_ZERO), b, alpha * b));
    CASE(OP_PRELU, chooseWhole(lessThan(a, WHOLE_ZERO), a * b, a));
    CASE(OP_POWER, EACH(powerOfWhole));
    CASE(OP_SIGN, sign(a));
    CASE(OP_LOGICAL_NOT, WHOLE_TRUTH(not(isA)));
    CASE(OP_LOGICAL_AND, chooseWhole(isA, WHOLE_TRUTH(isB), WHOLE_ZERO));
    CASE(OP_LOGICAL_OR, chooseWhole(isA, WHOLE_ONE, WHOLE_TRUTH(isB)));
    CASE(OP_LOGICAL_XOR, WHOLE_TRUTH(notEqual(isA, isB)));
    CASE(OP_EQUAL, WHOLE_TRUTH(equal(a, b)));
    CASE(OP_NOT_EQUAL, WHOLE_TRUTH(notEqual(a, b)));
    CASE(OP_LESS, WHOLE_TRUTH(lessThan(a, b)));
    CASE(OP_LESS_OR_EQUAL, WHOLE_TRUTH(lessThanEqual(a, b)));
    CASE(OP_GREATER, WHOLE_TRUTH(greaterThan(a, b)));
    CASE(OP_GREATER_OR_EQUAL, WHOLE_TRUTH(greaterThanEqual(a, b)));
    CASE(OP_WHERE, chooseWhole(isA, b, c));
    CASE(OP_MODULO, EACH(moduloOfWhole));
    CASE(OP_REMAINDER, EACH(remainderOfWhole));
    CASE(OP_BITWISE_AND, a & b);
    CASE(OP_BITWISE_OR, a | b);
    CASE(OP_BITWISE_XOR, a ^ b);
    CASE(OP_BITWISE_NOT, ~a);
    CASE(OP_SHIFT_LEFT, shiftLeft(a, b));
    CASE(OP_SHIFT_RIGHT, shiftRight(a, b));
    CASE(OP_WRAP, wrapToBits(a, alpha));
    return result;
}

#endif
