#ifndef VKNET_STRIDED_PARAMETERS
#define VKNET_STRIDED_PARAMETERS
// The parameter block of gemm/strided, which explains it, and of gemm/shared.

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int rows;
    int columns;
    int storedColumns;
    int depth;
    int leftRowStride;
    int leftDepthStride;
    int rightDepthStride;
    int rightColumnStride;
    int resultRowElements;
    int resultBatchElements;
    int rowGroups;
    int operandBatchColumns;
    ivec4 batchSizes;
    ivec4 leftBatchStrides;
    ivec4 rightBatchStrides;
    vec4 stepScalars[4];
} p;

#endif
