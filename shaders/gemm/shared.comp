#version 450
// Matrix product of matrices as they lie in memory, for graphics processors: result = program(left * right), for each of a batch
// of matrices, with any strides. A workgroup of 256 computes 64 x 64 results from tiles of both matrices in shared memory, each
// invocation 4 x 4 of them in registers (the scheme of Volkov and Demmel, "Benchmarking GPUs to tune dense linear algebra", 2008).
// On a CPU driver every barrier and every access to shared memory costs more than it saves: use gemm/packed or gemm/strided there.
//
// Bindings, parameters and specialization constants: those of gemm/strided, with the same meaning.
// Workgroups: batch * ceil(rows / 64) * ceil(storedColumns / 64), spread as common/indexing.glsl says.
// Cost: 2 rows columns depth FLOPs; reads rows depth ceil(columns / 64) + columns depth ceil(rows / 64) elements.
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
//!variant baseline TILE=64
layout(local_size_x = 256) in;
layout(constant_id = 0) const int LEFT_ACCESS = 0;
layout(constant_id = 1) const int RIGHT_ACCESS = 0;

#include "gemm/strided_parameters.glsl"
#include "common/indexing.glsl"
#include "common/block.glsl"
#include "common/epilogue.glsl"

INPUT_TENSOR(1, Left, left);
INPUT_TENSOR(2, Right, right);
OUTPUT_TENSOR(3, Result, result);

const int DEPTH = 16;
// A column of padding lets the stores of a transposed matrix spread over the memory's banks.
shared float leftTile[DEPTH][TILE + 1];
shared float rightTile[DEPTH][TILE + 4];

void main()
{
    ivec2 columnTile = divide(flatWorkgroup(), (p.storedColumns + TILE - 1) / TILE);
    ivec2 rowTile = divide(columnTile.x, (p.rows + TILE - 1) / TILE);
    int batch = rowTile.x;
    if (batch >= p.batchSizes.x * p.batchSizes.y * p.batchSizes.z * p.batchSizes.w) return;
    ivec4 place = axesOf(batch, p.batchSizes);
    int leftStart = dotAxes(place, p.leftBatchStrides);
    int rightStart = dotAxes(place, p.rightBatchStrides);
    int invocation = int(gl_LocalInvocationID.x);
    int tileRow = rowTile.y * TILE;
    int tileColumn = columnTile.y * TILE;
    int rowInTile = invocation / 16 * 4;
    int columnInTile = invocation % 16 * 4;

    vec4 sum[4] = vec4[4](vec4(0.0), vec4(0.0), vec4(0.0), vec4(0.0));
    for (int k = 0; k < p.depth; k += DEPTH)
    {
        // Neighbouring invocations read along the axis whose elements are neighbours, if one is known.
        for (int i = 0; i < DEPTH * TILE / 256; i++)
        {
            int n = i * 256 + invocation;
            ivec2 at = LEFT_ACCESS == BLOCK_ALONG_B ? ivec2(n % DEPTH, n / DEPTH) : ivec2(n / TILE, n % TILE);
            bool exists = k + at.x < p.depth && tileRow + at.y < p.rows;
            int element = leftStart + (tileRow + at.y) * p.leftRowStride + (k + at.x) * p.leftDepthStride;
            float value = LOAD1(left, exists ? element : 0);
            leftTile[at.x][at.y] = exists ? value : 0.0;
        }
        for (int i = 0; i < DEPTH * TILE / 256; i++)
        {
            int n = i * 256 + invocation;
            ivec2 at = RIGHT_ACCESS == BLOCK_ALONG_A ? ivec2(n % DEPTH, n / DEPTH) : ivec2(n / TILE, n % TILE);
            bool exists = k + at.x < p.depth && tileColumn + at.y < p.columns;
            int element = rightStart + (k + at.x) * p.rightDepthStride + (tileColumn + at.y) * p.rightColumnStride;
            float value = LOAD1(right, exists ? element : 0);
            rightTile[at.x][at.y] = exists ? value : 0.0;
        }
        barrier();
        [[unroll]] for (int u = 0; u < DEPTH; u++)
        {
            vec4 b = vec4(rightTile[u][columnInTile], rightTile[u][columnInTile + 1], rightTile[u][columnInTile + 2], rightTile[u][columnInTile + 3]);
            [[unroll]] for (int i = 0; i < 4; i++) sum[i] += leftTile[u][rowInTile + i] * b;
        }
        barrier();
    }

    int column = tileColumn + columnInTile;
    if (column >= p.storedColumns) return;
    int operandRow = divide(batch, p.rowGroups).y * p.rows;
    int count = min(p.storedColumns - column, 4);
    [[unroll]] for (int i = 0; i < STORE_CHUNK; i++)
    {
        int row = tileRow + rowInTile + i;
        if (row >= p.rows) continue;
        int element = batch * p.resultBatchElements + row * p.resultRowElements + column;
        vec4 value = epilogue(sum[i], OutputPlace(element, operandRow + row, batch * p.operandBatchColumns + column, count));
        value = choose(lessThan(column + ivec4(0, 1, 2, 3), ivec4(p.columns)), value, vec4(0.0));
        STORE_FOUR(result, element, count, value)
    }
}
