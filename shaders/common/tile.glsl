#ifndef VKNET_TILE
#define VKNET_TILE
// The inner loops of matrix products and convolutions in which one subgroup owns a tile of ROWS x (4 LANES PANELS) results:
// lane l holds, for each row and panel, the four columns panel * 4 LANES + 4 l ... + 3.

// Left texels are held one row per lane; more rows than lanes take several groups.
const int LEFT_GROUPS = (ROWS + LANES - 1) / LANES;

// sum += left * right over eight elements of depth. leftTexels[b * LEFT_GROUPS + g]: four elements of depth (b = 0, 1) of the lane's
// row in group g; rightTexels[u * PANELS + j]: four columns of panel j at depth u. Rows outside, depth inside: a row's sums stay
// in registers for all eight steps, whereas the other order would load and store every sum at every step.
#define MULTIPLY_ACCUMULATE(sum, leftTexels, rightTexels) \
    [[unroll]] for (int i = 0; i < ROWS; i++) \
    { \
        vec4 rowSum[PANELS]; \
        [[unroll]] for (int j = 0; j < PANELS; j++) rowSum[j] = sum[i * PANELS + j]; \
        [[unroll]] for (int u = 0; u < 8; u++) \
        { \
            float x = subgroupShuffle(leftTexels[(u / 4) * LEFT_GROUPS + i / LANES][u % 4], uint(i % LANES)); \
            [[unroll]] for (int j = 0; j < PANELS; j++) rowSum[j] += x * rightTexels[u * PANELS + j]; \
        } \
        [[unroll]] for (int j = 0; j < PANELS; j++) sum[i * PANELS + j] = rowSum[j]; \
    }

// Touches (common/tensors.glsl) the cache lines of a tile's results, just before they are stored: each lane a line of its own, four rows at a time.
// The texel is an expression of row_ and column_.
const int LINES_OF_PANEL = LANES / 4;
#define TOUCH_TILE(bits, tensor, firstRow, rows, firstColumn, columns, texel) \
    [[unroll]] for (int j_ = 0; j_ < PANELS; j_++) \
        [[unroll]] for (int i_ = 0; i_ < ROWS; i_ += 4) \
        { \
            int row_ = min((firstRow) + i_ + lane / LINES_OF_PANEL, (rows) - 1); \
            int column_ = min((firstColumn) + (j_ * LINES_OF_PANEL + (lane & (LINES_OF_PANEL - 1))) * 16, (columns) - 1); \
            bits |= TOUCH(tensor, texel); \
        }

// Runs a statement for each result of the tile: sum[i] is the result number "at" (row at / PANELS, panel at % PANELS).
// A few results per iteration, then the array moves up: the statement is compiled STORE_CHUNK times instead of ROWS * PANELS times,
// which for a long epilogue is the difference between 0.2 s and 2 s in the driver, and the array is never indexed by a variable.
#define STORE_TILE(sum, statement) \
    [[dont_unroll]] for (int chunk = 0; chunk < ROWS * PANELS; chunk += STORE_CHUNK) \
    { \
        [[unroll]] for (int i = 0; i < STORE_CHUNK; i++) \
        { \
            int at = chunk + i; \
            statement; \
        } \
        [[unroll]] for (int i = 0; i < ROWS * PANELS; i++) sum[i] = sum[min(i + STORE_CHUNK, ROWS * PANELS - 1)]; \
    }

#endif
