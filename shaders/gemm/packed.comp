#version 450
// Matrix product with a packed right matrix: result = program(left * right), for each of a batch of matrices.
// Written for CPU drivers, where it reaches two thirds of the arithmetic peak: one subgroup owns a tile of ROWS x (4 LANES PANELS)
// results in registers, reads texels, and broadcasts the left elements by constant shuffles.
//
// Bindings
//   left    either packed by gemm/pack_left: [batch][ceil(rows / LANES)][2 depthBlocks][LANES][4] (leftRowTexels = 0),
//           or plain rows: row m starts at texel m * leftRowTexels and holds leftDepthTexels texels along the depth.
//   right   packed by gemm/pack_right: [batch][ceil(columns / (4 LANES))][8 depthBlocks][4 LANES], zero beyond the true depth and columns;
//           for variants named _half in half precision, a texel holding four columns at two neighbouring depths.
//   result  [batch][rows][resultRowElements]; columns in columns ... storedColumns - 1 are written as zero.
// Parameters
//   rows, columns        the size of one result matrix
//   storedColumns        columns, or that rounded up to 4 for a channels-last result
//   depthBlocks          ceil(depth / 8)
//   leftRowTexels        0 for a packed left matrix, else texels from one row to the next; a plain row must start on a texel
//   leftDepthTexels      2 depthBlocks for a packed left matrix, else ceil(depth / 4), the last texel zero beyond the depth
//   resultRowElements, resultBatchElements   strides of the result
//   rowGroups            the row operand's index is (batch % rowGroups) * rows + row; 1 if it does not depend on the batch
//   operandBatchColumns  the column operand's index is batch * operandBatchColumns + column; a multiple of 4, 0 if it does not depend on the batch
//   batchSizes           the batch as up to four axes, outermost first, filled up with 1 in front
//   leftBatchTexels, rightBatchTexels        the strides of these axes; 0 where a matrix is shared
//   stepScalars          see common/epilogue.glsl
// Workgroups: ceil(rows / ROWS) * ceil(ceil(columns / (4 LANES)) / PANELS) * batch, spread as common/indexing.glsl says.
//   LANES (the subgroup size), ROWS and PANELS are those of the variant; SPEED is its measured rate on whole tiles, the best being 100.
// Specialization constants: the pointwise program and ALIGNED, see common/epilogue.glsl. STORE_CHUNK is not for the host.
// Cost: 2 rows columns depth FLOPs and about 4 (rows depth + columns depth ceil(rows / ROWS) + rows columns) bytes per matrix.
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require
//!variant lanes16 TEXELS LANES=16 ROWS=32 PANELS=1 SPEED=100 | subgroup=16
//!variant lanes16_rows28 TEXELS LANES=16 ROWS=28 PANELS=1 SPEED=97 | subgroup=16
//!variant lanes16_rows24 TEXELS LANES=16 ROWS=24 PANELS=1 SPEED=92 | subgroup=16
//!variant lanes16_rows16 TEXELS LANES=16 ROWS=16 PANELS=2 SPEED=93 | subgroup=16
//!variant lanes16_rows8 TEXELS LANES=16 ROWS=8 PANELS=2 SPEED=70 | subgroup=16
//!variant lanes16_rows4 TEXELS LANES=16 ROWS=4 PANELS=4 SPEED=54 | subgroup=16
//!variant lanes16_rows1 TEXELS LANES=16 ROWS=1 PANELS=8 SPEED=22 | subgroup=16
//!variant lanes8 TEXELS LANES=8 ROWS=16 PANELS=2 SPEED=100 | subgroup=8
//!variant lanes8_rows4 TEXELS LANES=8 ROWS=4 PANELS=4 SPEED=54 | subgroup=8
//!variant lanes8_rows1 TEXELS LANES=8 ROWS=1 PANELS=8 SPEED=22 | subgroup=8
//!variant lanes16_half TEXELS LANES=16 ROWS=32 PANELS=1 HALF=1 SPEED=100 | subgroup=16
//!variant lanes16_rows28_half TEXELS LANES=16 ROWS=28 PANELS=1 HALF=1 SPEED=97 | subgroup=16
//!variant lanes16_rows24_half TEXELS LANES=16 ROWS=24 PANELS=1 HALF=1 SPEED=92 | subgroup=16
//!variant lanes16_rows16_half TEXELS LANES=16 ROWS=16 PANELS=2 HALF=1 SPEED=93 | subgroup=16
//!variant lanes16_rows8_half TEXELS LANES=16 ROWS=8 PANELS=2 HALF=1 SPEED=70 | subgroup=16
//!variant lanes16_rows4_half TEXELS LANES=16 ROWS=4 PANELS=4 HALF=1 SPEED=54 | subgroup=16
//!variant lanes16_rows1_half TEXELS LANES=16 ROWS=1 PANELS=8 HALF=1 SPEED=22 | subgroup=16
//!variant lanes8_half TEXELS LANES=8 ROWS=16 PANELS=2 HALF=1 SPEED=100 | subgroup=8
//!variant lanes8_rows4_half TEXELS LANES=8 ROWS=4 PANELS=4 HALF=1 SPEED=54 | subgroup=8
//!variant lanes8_rows1_half TEXELS LANES=8 ROWS=1 PANELS=8 HALF=1 SPEED=22 | subgroup=8
layout(local_size_x = LANES) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int rows;
    int columns;
    int storedColumns;
    int depthBlocks;
    int leftRowTexels;
    int leftDepthTexels;
    int resultRowElements;
    int resultBatchElements;
    int rowGroups;
    int operandBatchColumns;
    ivec4 batchSizes;
    ivec4 leftBatchTexels;
    ivec4 rightBatchTexels;
    vec4 stepScalars[4];
} p;

#include "common/indexing.glsl"
#include "common/epilogue.glsl"
#include "common/tile.glsl"

INPUT_TENSOR(1, Left, left);
INPUT_TENSOR(2, Right, right);
OUTPUT_TENSOR(3, Result, result);

// Eight steps of depth of four columns: texels[first + u * step] for u = 0 ... 7.
#ifdef HALF
const int RIGHT_TEXELS = 4;
#define LOAD_RIGHT(texels, first, step, start) \
    [[unroll]] for (int u = 0; u < 4; u++) \
    { \
        uvec4 pair = floatBitsToUint(LOAD4(right, (start) + u * LANES)); \
        texels[(first) + 2 * u * (step)] = vec4(unpackHalf2x16(pair.x), unpackHalf2x16(pair.y)); \
        texels[(first) + (2 * u + 1) * (step)] = vec4(unpackHalf2x16(pair.z), unpackHalf2x16(pair.w)); \
    }
#else
const int RIGHT_TEXELS = 8;
#define LOAD_RIGHT(texels, first, step, start) [[unroll]] for (int u = 0; u < 8; u++) texels[(first) + u * (step)] = LOAD4(right, (start) + u * LANES);
#endif

// Finishes four columns of a row, and stores those of them that exist.
void storeFour(int resultStart, int operandRow, int operandColumn, int row, int column, vec4 value)
{
    int element = resultStart + row * p.resultRowElements + column;
    int count = min(p.storedColumns - column, 4);
    value = epilogue(value, OutputPlace(element, operandRow + row, operandColumn + column, count));
    value = choose(lessThan(column + ivec4(0, 1, 2, 3), ivec4(p.columns)), value, vec4(0.0));
    STORE_FOUR(result, element, count, value)
}

void main()
{
    int lane = int(gl_LocalInvocationID.x);
    // Tile sizes are powers of two: these divisions are shifts.
    int panels = int(uint(p.columns + 4 * LANES - 1) / (4 * LANES));
    int rowTiles = int(uint(p.rows + ROWS - 1) / ROWS);
    int panelTiles = int(uint(panels + PANELS - 1) / PANELS);
    ivec2 rowTile = divide(flatWorkgroup(), rowTiles);
    ivec2 panelTile = divide(rowTile.x, panelTiles);
    int batch = panelTile.x;
    if (batch >= p.batchSizes.x * p.batchSizes.y * p.batchSizes.z * p.batchSizes.w) return;
    int row = rowTile.y * ROWS;
    int panel = panelTile.y * PANELS;
    ivec4 place = axesOf(batch, p.batchSizes);

    bool isPacked = p.leftRowTexels == 0;
    int leftStep = isPacked ? LANES : 1;
    int leftStart[LEFT_GROUPS];
    [[unroll]] for (int g = 0; g < LEFT_GROUPS; g++)
    {
        int r = min(row + g * LANES + lane, p.rows - 1);
        int packedStart = int(uint(r) / LANES) * p.depthBlocks * 2 * LANES + (r & (LANES - 1));
        leftStart[g] = dotAxes(place, p.leftBatchTexels) + (isPacked ? packedStart : r * p.leftRowTexels);
    }
    int rightStart[PANELS];
    [[unroll]] for (int j = 0; j < PANELS; j++)
        rightStart[j] = dotAxes(place, p.rightBatchTexels) + min(panel + j, panels - 1) * p.depthBlocks * RIGHT_TEXELS * LANES + lane;

    vec4 sum[ROWS * PANELS];
    [[unroll]] for (int i = 0; i < ROWS * PANELS; i++) sum[i] = vec4(0.0);
    for (int block = 0; block < p.depthBlocks; block++)
    {
        vec4 leftTexels[2 * LEFT_GROUPS];
        [[unroll]] for (int b = 0; b < 2; b++)
        {
            int k = block * 2 + b;
            // A plain row may end in the middle of the last block; what follows it is another row, or nothing.
            bool exists = k < p.leftDepthTexels;
            [[unroll]] for (int g = 0; g < LEFT_GROUPS; g++)
                leftTexels[b * LEFT_GROUPS + g] = choose(bvec4(exists), LOAD4(left, leftStart[g] + (exists ? k : 0) * leftStep), vec4(0.0));
        }
#if ROWS < 4
        // Bound by the reading of the right matrix: each texel is used as it comes, and the panels are as many streams for the prefetcher.
        [[unroll]] for (int j = 0; j < PANELS; j++)
        {
            vec4 rightTexels[8];
            LOAD_RIGHT(rightTexels, 0, 1, rightStart[j] + block * RIGHT_TEXELS * LANES)
            [[unroll]] for (int u = 0; u < 8; u++)
                [[unroll]] for (int i = 0; i < ROWS; i++) sum[i * PANELS + j] += subgroupShuffle(leftTexels[(u / 4) * LEFT_GROUPS][u % 4], uint(i)) * rightTexels[u];
        }
#else
        vec4 rightTexels[8 * PANELS];
        [[unroll]] for (int j = 0; j < PANELS; j++) LOAD_RIGHT(rightTexels, j, PANELS, rightStart[j] + block * RIGHT_TEXELS * LANES)
        MULTIPLY_ACCUMULATE(sum, leftTexels, rightTexels)
#endif
    }
    int resultStart = batch * p.resultBatchElements;
    int operandRow = divide(batch, p.rowGroups).y * p.rows;
    int column = (panel * LANES + lane) * 4;
    // With one panel the lanes beyond the last column leave here: asking once is cheaper than asking at every row.
    if (PANELS == 1 && column >= p.storedColumns) return;
    STORE_TILE(sum, if (row + at / PANELS < p.rows && (PANELS == 1 || column + (at % PANELS) * 4 * LANES < p.storedColumns))
        storeFour(resultStart, operandRow, batch * p.operandBatchColumns, row + at / PANELS, column + (at % PANELS) * 4 * LANES, sum[i]))
}
