#ifndef VKNET_PHILOX
#define VKNET_PHILOX
// The counter-based generator Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011), the same
// one that VkNet.Tensors.PhiloxRandom computes on the host. Whole-number arithmetic only, so every device gives the same words.
//
// Word w of a tensor is component w % 4 of the block w / 4. A block's counter is (block, run, stream low, stream high), its key the seed:
// the parameters hold them as "uvec4 random" = (seed low, seed high, stream low, stream high), and the run comes from a tensor.
#include "common/tensors.glsl"

INPUT_TENSOR(1, Counter, counter);

uvec4 philox(uvec4 block, uvec2 key)
{
    for (int round = 0; round < 10; round++)
    {
        uvec2 high;
        uvec2 low;
        umulExtended(uvec2(0xD2511F53u, 0xCD9E8D57u), block.xz, high, low);
        block = uvec4(high.y ^ block.y ^ key.x, low.y, high.x ^ block.w ^ key.y, low.x);
        key += uvec2(0x9E3779B9u, 0xBB67AE85u);
    }
    return block;
}

// The four random words of a block.
uvec4 randomBlock(uint block, uvec4 random) { return philox(uvec4(block, floatBitsToUint(LOAD4(counter, 0).x), random.zw), random.xy); }

uint randomWord(uint word, uvec4 random) { return randomBlock(word >> 2, random)[word & 3u]; }

// Uniform in [0, 1), multiples of 2^-24: exact.
vec4 uniformOf(uvec4 words) { return vec4(words >> 8) * 5.9604644775390625e-8; }

#endif
