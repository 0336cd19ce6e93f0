#ifndef VKNET_DIVISION
#define VKNET_DIVISION
// Division of n < 2^31 by a number known to the host, as a multiplication: n / d is the high word of n * multiplier shifted
// right by shift, where multiplier = floor(2^(31 + l) / d) + 1 and shift = l - 1 with l = ceil(log2 d). A multiplier of 0 stands for d = 1.
uint fastDivide(uint n, uint multiplier, uint shift)
{
    uint high;
    uint low;
    umulExtended(n, multiplier, high, low);
    return multiplier == 0u ? n : high >> shift;
}

#endif
