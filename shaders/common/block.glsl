#ifndef VKNET_BLOCK
#define VKNET_BLOCK
// Reading 4 x 4 elements of a strided tensor at once, and turning them.
#include "common/tensors.glsl"

// How the four elements of a group lie in memory. A specialization constant of the kernel, not found out at run time:
// a CPU driver executes both sides of a branch.
//!constants BlockAccess How a kernel may read 4 x 4 elements along two axes a and b of a tensor.
#define BLOCK_SCALARS 0 // element by element: always right
#define BLOCK_ALONG_B 1 // four neighbours along b at once: b has stride 1, the start and a's stride are multiples of 4
#define BLOCK_ALONG_A 2 // four neighbours along a at once: a has stride 1, the start and b's stride are multiples of 4
//!end

void turnBlock(inout vec4 block[4])
{
    mat4 turned = transpose(mat4(block[0], block[1], block[2], block[3]));
    for (int a = 0; a < 4; a++) block[a] = turned[a];
}

// block[a][b] = tensor[start + a * strideA + b * strideB] for a < countA and b < countB, else 0. Counts may be zero or negative.
// A group of four that is read at once may reach into the padding of the tensor's range; what it finds there is replaced.
#define LOAD_BLOCK(block, tensor, access, start, strideA, strideB, countA, countB) \
    { \
        bool any_ = (countA) > 0 && (countB) > 0; \
        int start_ = any_ ? (start) : 0; \
        if (access == BLOCK_ALONG_B) \
        { \
            for (int a_ = 0; a_ < 4; a_++) block[a_] = LOAD4(tensor, (start_ + (a_ < (countA) && any_ ? a_ : 0) * (strideA)) >> 2); \
        } \
        else if (access == BLOCK_ALONG_A) \
        { \
            for (int b_ = 0; b_ < 4; b_++) block[b_] = LOAD4(tensor, (start_ + (b_ < (countB) && any_ ? b_ : 0) * (strideB)) >> 2); \
            turnBlock(block); \
        } \
        else \
        { \
            for (int a_ = 0; a_ < 4; a_++) \
                for (int b_ = 0; b_ < 4; b_++) \
                    block[a_][b_] = LOAD1(tensor, start_ + (a_ < (countA) && any_ ? a_ : 0) * (strideA) + (b_ < (countB) && any_ ? b_ : 0) * (strideB)); \
        } \
        for (int a_ = 0; a_ < 4; a_++) block[a_] = mix(vec4(0.0), block[a_], lessThan(ivec4(0, 1, 2, 3), ivec4(a_ < (countA) ? (countB) : 0))); \
    }

#endif
