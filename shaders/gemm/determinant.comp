#version 450
#extension GL_GOOGLE_include_directive : require
// Determinants by Gaussian elimination with row pivoting.
//
// Source [matrices, n, n] -> Result [matrices]; Work [matrices, n, n] is a workspace. An invocation does one matrix.
// Cost: 2 n^3 / 3 FLOPs for each matrix.
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
OUTPUT_TENSOR(3, Result, result);

void main()
{
    int matrix = flatInvocation();
    if (matrix >= p.matrices) return;
    int n = p.size;
    int first = matrix * n * n;
    for (int i = 0; i < n * n; i++) work[first + i] = LOAD1(source, first + i);
    float determinant = 1.0;
    for (int k = 0; k < n; k++)
    {
        int pivot = k;
        for (int i = k + 1; i < n; i++)
            if (abs(work[first + i * n + k]) > abs(work[first + pivot * n + k])) pivot = i;
        if (pivot != k)
        {
            for (int j = k; j < n; j++)
            {
                float other = work[first + pivot * n + j];
                work[first + pivot * n + j] = work[first + k * n + j];
                work[first + k * n + j] = other;
            }
            determinant = -determinant;
        }
        float diagonal = work[first + k * n + k];
        determinant *= diagonal;
        if (diagonal == 0.0) break;
        for (int i = k + 1; i < n; i++)
        {
            float factor = work[first + i * n + k] / diagonal;
            for (int j = k + 1; j < n; j++) work[first + i * n + j] -= factor * work[first + k * n + j];
        }
    }
    STORE1(result, matrix, determinant);
}
