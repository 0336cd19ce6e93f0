#version 450
#extension GL_GOOGLE_include_directive : require
// Connectionist temporal classification (Graves, Fernandez, Gomez, Schmidhuber 2006): the logarithms of the probabilities of all ways to
// emit a beginning of the labels in the steps up to t (forward), or an end of them from t on (backward); the emission at t is part of both.
// The labels with blanks between and around them are 2 length + 1 states.
//
// Bindings
//   logs          [steps, batch, classes] log-probabilities
//   labels        [batch, mostLabels] whole numbers
//   stepCounts, labelCounts   [batch] whole numbers; read with HAS_STEPS and HAS_LABELS only
//   paths         [directions, batch, steps, 2 mostLabels + 1], forward, then backward; steps and states that an entry does not have stay unset.
//                 Then one number for every direction and entry, what all of its logarithms at the last step lack: so that they keep their
//                 accuracy over thousands of steps, the largest of a step is taken off before the next
// Parameters: workgroups: directions x batch; steps, batch, classes, mostLabels, blank.
// A workgroup goes through the steps of one batch entry in one direction, its invocations share the states.
// Cost: about 60 FLOPs and 16 bytes per step and state.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int workgroups;
    int steps;
    int batch;
    int classes;
    int mostLabels;
    int blank;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"
#include "common/numbers.glsl"
#include "loss/ctc.glsl"

INPUT_TENSOR(1, Logs, logs);
INPUT_TENSOR(2, Labels, labels);
INPUT_TENSOR(3, StepCounts, stepCounts);
INPUT_TENSOR(4, LabelCounts, labelCounts);
// Written by some invocations and read by others of the workgroup in the next step.
layout(set = 0, binding = 5, std430) coherent buffer Paths { vec4 paths[]; };

shared float largest[64];

float pathAt(int row, int state, int states) { return state < 0 || state >= states ? -INFINITY : paths[(row + state) >> 2][(row + state) & 3]; }

void main()
{
    int group = flatWorkgroup();
    bool exists = group < p.workgroups;
    ivec2 direction = divide(min(group, p.workgroups - 1), p.batch);
    int entry = direction.y;
    int steps = STEPS_OF(stepCounts, entry);
    int states = 2 * LABELS_OF(labelCounts, entry) + 1;
    int width = 2 * p.mostLabels + 1;
    int back = direction.x == 0 ? -1 : 1; // toward the states that a state is reached from
    int own = int(gl_LocalInvocationID.x);
    float reference = 0.0; // the largest logarithm of the step before
    float total = 0.0; // what has been taken off, and what its rounding has lost (Kahan 1965)
    float lost = 0.0;
    for (int n = 0; n < steps; n++)
    {
        int t = direction.x == 0 ? n : steps - 1 - n;
        int row = (group * p.steps + t) * width;
        int before = row + back * width;
        float mine = -INFINITY;
        for (int s = own; s < states; s += 64)
        {
            int label = LABEL_OF(labels, entry, s);
            float emission = LOAD1(logs, (t * p.batch + entry) * p.classes + label);
            vec4 ways = vec4(-INFINITY);
            if (n == 0)
            {
                int fromEnd = direction.x == 0 ? s : states - 1 - s;
                ways.x = fromEnd <= 1 ? 0.0 : -INFINITY;
            }
            else
            {
                ways.x = pathAt(before, s, states);
                ways.y = pathAt(before, s + back, states);
                int other = s + 2 * back;
                if (other >= 0 && other < states)
                {
                    int otherLabel = LABEL_OF(labels, entry, other);
                    if (label != p.blank && otherLabel != p.blank && label != otherLabel) ways.z = pathAt(before, other, states);
                }
            }
            float path = emission + (logarithmOfSum(ways) - reference);
            mine = max(mine, path);
            if (exists) STORE1(paths, row + s, path);
        }
        precise float term = reference - lost;
        precise float sum = total + term;
        precise float error = (sum - total) - term;
        total = sum;
        lost = error;
        largest[own] = mine;
        for (int distance = 32; distance > 0; distance /= 2)
        {
            barrier();
            if (own < distance) largest[own] = max(largest[own], largest[own + distance]);
        }
        memoryBarrierBuffer();
        barrier();
        reference = largest[0] == -INFINITY ? 0.0 : largest[0];
        barrier();
    }
    if (exists && own == 0) STORE1(paths, p.workgroups * p.steps * width + group, total);
}
