#version 450
#extension GL_GOOGLE_include_directive : require
// The cofactors of square matrices, also of those without an inverse, by Gaussian elimination with rows and columns exchanged:
// P A Q = L U, and the adjugate is +-Q adj(U) L^-1 P. That of U needs no division by the last pivot; a pivot of zero before it makes all
// cofactors zero.
//
// Source [matrices, n, n] -> Result [matrices, n, n]; Work [matrices, n, n] and Order [matrices, 2, n] are workspaces (the matrix being
// eliminated; which row and column of Source stands where). An invocation does one matrix.
// Cost: about 3 n^3 FLOPs for each matrix.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int matrices;
    int size; // n
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"

INPUT_TENSOR(1, Source, source);
layout(set = 0, binding = 2, std430) buffer Work { float work[]; };
layout(set = 0, binding = 3, std430) buffer Order { int order[]; };
layout(set = 0, binding = 4, std430) buffer Result { float result[]; };

void exchange(int a, int b, int step, int count)
{
    for (int i = 0; i < count; i++)
    {
        float other = work[a + i * step];
        work[a + i * step] = work[b + i * step];
        work[b + i * step] = other;
    }
}

void exchangeOrder(int a, int b)
{
    int other = order[a];
    order[a] = order[b];
    order[b] = other;
}

void main()
{
    int matrix = flatInvocation();
    if (matrix >= p.matrices) return;
    int n = p.size;
    int first = matrix * n * n;
    int rows = 2 * matrix * n;
    int columns = rows + n;
    for (int i = 0; i < n * n; i++) work[first + i] = LOAD1(source, first + i);
    for (int i = 0; i < n; i++)
    {
        order[rows + i] = i;
        order[columns + i] = i;
    }
    float leading = 1.0; // the sign, and all pivots but the last
    for (int k = 0; k < n - 1; k++)
    {
        int row = k;
        int column = k;
        float largest = abs(work[first + k * n + k]);
        for (int i = k; i < n; i++)
            for (int j = k; j < n; j++)
            {
                float size = abs(work[first + i * n + j]);
                if (size > largest)
                {
                    largest = size;
                    row = i;
                    column = j;
                }
            }
        if (row != k)
        {
            exchange(first + row * n, first + k * n, 1, n);
            exchangeOrder(rows + row, rows + k);
            leading = -leading;
        }
        if (column != k)
        {
            exchange(first + column, first + k, n, n);
            exchangeOrder(columns + column, columns + k);
            leading = -leading;
        }
        float pivot = work[first + k * n + k];
        leading *= pivot;
        if (pivot == 0.0)
        {
            for (int i = 0; i < n * n; i++) result[first + i] = 0.0;
            return;
        }
        for (int i = k + 1; i < n; i++)
        {
            float factor = work[first + i * n + k] / pivot;
            work[first + i * n + k] = factor;
            for (int j = k + 1; j < n; j++) work[first + i * n + j] -= factor * work[first + k * n + j];
        }
    }
    for (int c = 0; c < n; c++)
    {
        // Column c of adj(U) L^-1, kept in the row of the result that it becomes, element i where it will stay.
        int target = first + order[rows + c] * n;
        for (int i = 0; i < n; i++)
        {
            float sum = i == c ? 1.0 : 0.0;
            for (int k = c; k < i; k++) sum -= work[first + i * n + k] * result[target + order[columns + k]];
            result[target + order[columns + i]] = sum;
        }
        float last = result[target + order[columns + n - 1]];
        for (int i = n - 2; i >= 0; i--)
        {
            float sum = work[first + n * n - 1] * result[target + order[columns + i]] - work[first + i * n + n - 1] * last;
            for (int k = i + 1; k < n - 1; k++) sum -= work[first + i * n + k] * result[target + order[columns + k]];
            result[target + order[columns + i]] = sum / work[first + i * n + i];
        }
        for (int i = 0; i < n; i++) result[target + i] *= leading;
    }
}
