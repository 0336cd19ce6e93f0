#version 450
// The adjoint of convolution/im2col, gathered: every output element sums the entries of the unfolded matrix that came from it. With a matrix
// product before it this is a transposed convolution (dense layout), and the data gradient of a convolution.
// result[first + n, c, q] = program(sum over taps k and positions o with o * stride - padding + k * dilation = q of columns[n, c * taps + k, o])
//
// Bindings
//   columns [batch][channels * taps][rowElements]
//   result  [items][channels][depth][height][width]
// Parameters: as convolution/im2col; inputSizes are the sizes of the result (the convolution's input), outputSizes those of the positions o.
// Invocations: batch * channels * ceil(positions of the result / 4), 64 in a workgroup; each makes four neighbours of a channel's plane.
// Specialization constants: the pointwise program; the row operand is indexed by c, ALIGNED when a plane is a multiple of 4.
// Cost: batch channels taps positions additions.
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    ivec4 inputSizes;
    ivec4 outputSizes;
    ivec4 kernel;
    ivec4 stride;
    ivec4 dilation;
    ivec4 padding;
    int first;
    int batch;
    int channels;
    int rowElements;
    vec4 stepScalars[4];
} p;

#include "common/indexing.glsl"
#include "common/epilogue.glsl"

INPUT_TENSOR(1, Columns, columns);
OUTPUT_TENSOR(2, Result, result);

void main()
{
    int plane = p.inputSizes.x * p.inputSizes.y * p.inputSizes.z;
    ivec2 quad = divide(flatInvocation(), (plane + 3) >> 2);
    ivec2 item = divide(quad.x, p.channels);
    int n = item.x;
    int c = item.y;
    int position = quad.y * 4;
    if (n >= p.batch) return;
    ivec2 column = divide(position, p.inputSizes.z);
    ivec2 row = divide(column.x, p.inputSizes.y);
    ivec3 next = ivec3(row.x, row.y, column.y);
    ivec4 z, y, x;
    for (int i = 0; i < 4; i++)
    {
        z[i] = next.x + p.padding.x;
        y[i] = next.y + p.padding.y;
        x[i] = next.z + p.padding.z;
        next.z++;
        if (next.z == p.inputSizes.z) next = ivec3(next.x, next.y + 1, 0);
        if (next.y == p.inputSizes.y) next = ivec3(next.x + 1, 0, next.z);
    }
    bool dense = p.stride.x * p.stride.y * p.stride.z == 1;
    vec4 sum = vec4(0.0);
    int line = quad.x * p.kernel.x * p.kernel.y * p.kernel.z * p.rowElements;
    for (int kz = 0; kz < p.kernel.x; kz++)
        for (int ky = 0; ky < p.kernel.y; ky++)
            for (int kx = 0; kx < p.kernel.z; kx++)
            {
                ivec3 tap = ivec3(kz, ky, kx) * p.dilation.xyz;
                for (int i = 0; i < 4; i++)
                {
                    ivec3 reach = ivec3(z[i], y[i], x[i]) - tap;
                    ivec3 at = reach;
                    if (!dense) at = ivec3(divide(max(reach.x, 0), p.stride.x).x, divide(max(reach.y, 0), p.stride.y).x, divide(max(reach.z, 0), p.stride.z).x);
                    bool inside = all(greaterThanEqual(reach, ivec3(0))) && at * p.stride.xyz == reach && all(lessThan(at, p.outputSizes.xyz));
                    float element = LOAD1(columns, inside ? line + (at.x * p.outputSizes.y + at.y) * p.outputSizes.z + at.z : 0);
                    sum[i] += inside ? element : 0.0;
                }
                line += p.rowElements;
            }
    int count = min(plane - position, 4);
    [[unroll]] for (int i = 0; i < STORE_CHUNK / 4; i++)
    {
        int element = ((p.first + n) * p.channels + c) * plane + position;
        vec4 value = epilogue(sum, OutputPlace(element, c, position, count));
        STORE_FOUR(result, element, count, value)
    }
}
