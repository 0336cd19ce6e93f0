// Runs an ONNX model on the CPU with onnxruntime: once for every line on standard input, answering with the milliseconds it took.
//   node onnxruntime.mjs MODEL.onnx THREADS
import { createInterface } from 'node:readline';
import ort from 'onnxruntime-node';

const [model, threads] = process.argv.slice(2);
const session = await ort.InferenceSession.create(model, {
  executionProviders: ['cpu'],
  intraOpNumThreads: Number(threads),
  interOpNumThreads: 1,
  graphOptimizationLevel: 'all',
  // Threads that spin between runs would take the processor from whoever is measured next.
  extra: { session: { intra_op: { allow_spinning: '0' } } },
});
const feeds = {};
for (const input of session.inputMetadata) {
  const shape = input.shape.map((size) => (typeof size === 'number' && size > 0 ? size : 1));
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i));
  feeds[input.name] = new ort.Tensor('float32', data, shape);
}
await session.run(feeds);
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'end') break;
  const started = process.hrtime.bigint();
  await session.run(feeds);
  console.log(Number(process.hrtime.bigint() - started) / 1e6);
}
process.exit(0);
