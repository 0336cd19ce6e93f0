#ifndef VKNET_CHUNKS
#define VKNET_CHUNKS
// What the kernels that gather elements in their order share. The includer declares the specialization constant WHOLE.

// Elements that one invocation walks through.
#define CHUNK 64

bool isSet(float element) { return (floatBitsToUint(element) & (WHOLE != 0 ? 0xFFFFFFFFu : 0x7FFFFFFFu)) != 0u; }

#endif
