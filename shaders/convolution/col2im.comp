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
    int quads = (plane + 3) / 4;
    int taps = p.kernel.x * p.kernel.y * p.kernel.z;
    int index = flatInvocation();
    int position = index % quads * 4;
    int c = index / quads % p.channels;
    int n = index / quads / p.channels;
    if (n >= p.batch) return;
    ivec4 z, y, x;
    for (int i = 0; i < 4; i++)
    {
        int q = position + i;
        z[i] = q / (p.inputSizes.y * p.inputSizes.z) + p.padding.x;
        y[i] = q / p.inputSizes.z % p.inputSizes.y + p.padding.y;
        x[i] = q % p.inputSizes.z + p.padding.z;
    }
    vec4 sum = vec4(0.0);
    for (int k = 0; k < taps; k++)
    {
        ivec3 tap = ivec3(k / (p.kernel.y * p.kernel.z), k / p.kernel.z % p.kernel.y, k % p.kernel.z) * p.dilation.xyz;
        int line = ((n * p.channels + c) * taps + k) * p.rowElements;
        for (int i = 0; i < 4; i++)
        {
            ivec3 reach = ivec3(z[i], y[i], x[i]) - tap;
            ivec3 at = reach / p.stride.xyz;
            if (all(greaterThanEqual(reach, ivec3(0))) && at * p.stride.xyz == reach && all(lessThan(at, p.outputSizes.xyz)))
                sum[i] += LOAD1(columns, line + (at.x * p.outputSizes.y + at.y) * p.outputSizes.z + at.z);
        }
    }
    int count = min(plane - position, 4);
    [[unroll]] for (int i = 0; i < STORE_CHUNK / 4; i++)
    {
        int element = ((p.first + n) * p.channels + c) * plane + position;
        vec4 value = epilogue(sum, OutputPlace(element, c, position, count));
        STORE_FOUR(result, element, count, value)
    }
}
