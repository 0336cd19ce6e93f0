#ifndef VKNET_TENSORS
#define VKNET_TENSORS
// How kernels see tensors: every one is bound as a range of its own, read as groups of four 32-bit elements.
// With TEXELS defined a tensor that is only read is a texel buffer (on CPU drivers a texel load is a vector instruction,
// while a storage buffer is read lane by lane); without it, a storage buffer.
// The bound range is padded to a multiple of 16 bytes; what lies in the padding is undefined.

#ifdef TEXELS
#define INPUT_TENSOR(slot, Block, name) layout(set = 0, binding = slot, rgba32f) uniform readonly imageBuffer name
#define LOAD4(name, index) imageLoad(name, index)
// One element. A component of a texel is chosen by its number.
#define LOAD1(name, element) imageLoad(name, (element) >> 2)[(element) & 3]
#else
#define INPUT_TENSOR(slot, Block, name) layout(set = 0, binding = slot, std430) readonly buffer Block { vec4 name[]; }
#define LOAD4(name, index) name[index]
#define LOAD1(name, element) name[(element) >> 2][(element) & 3]
#endif

#define OUTPUT_TENSOR(slot, Block, name) layout(set = 0, binding = slot, std430) writeonly buffer Block { vec4 name[]; }
// An output whose places are touched before they are stored to: stores of a CPU driver wait for the cache lines they fall in, a few at a time,
// loads for many at once. TOUCH loads the first number of a texel as bits; it is undefined, may not reach a result, and yet must be used, or
// the driver drops the load: (bits & (n >> 31)), n never negative, is zero to those who know n.
#define TOUCHED_OUTPUT_TENSOR(slot, Block, name) layout(set = 0, binding = slot, std430) buffer Block { vec4 name[]; }
#define TOUCH(name, texel) floatBitsToInt(name[texel].x)
#define STORE1(name, element, value) name[(element) >> 2][(element) & 3] = value

#endif
