import { getBuckets } from './features.js';

/** Multinomial logistic regression over hashed features: one weight per bucket and class. */
export interface LinearModel {
  biases: Float32Array;
  /** The weight that is stored as 1, per class. */
  scales: Float32Array;
  /** Those of a bucket follow each other, in the order of the classes. Their number per class is a power of two. */
  values: Int8Array;
}

/** Reads the file that `formatModel` writes: biases, scales (32-bit floats, little endian) and values (8-bit). */
export function parseModel(file: Buffer, classes: number): LinearModel {
  const headerBytes = 2 * classes * Float32Array.BYTES_PER_ELEMENT;
  const buckets = (file.length - headerBytes) / classes;
  if (buckets < 1 || !Number.isInteger(Math.log2(buckets))) throw new Error('The file of weights has a wrong length');
  const floats = Float32Array.from({ length: 2 * classes }, (_, index) => file.readFloatLE(4 * index));
  return {
    biases: floats.subarray(0, classes),
    scales: floats.subarray(classes),
    values: new Int8Array(file.buffer, file.byteOffset + headerBytes, buckets * classes),
  };
}

export function formatModel({ biases, scales, values }: LinearModel): Buffer {
  const header = Buffer.alloc(2 * biases.length * Float32Array.BYTES_PER_ELEMENT);
  [...biases, ...scales].forEach((value, index) => header.writeFloatLE(value, 4 * index));
  return Buffer.concat([header, Buffer.from(values.buffer, values.byteOffset, values.length)]);
}

/** The probability of each class of a text with these words. */
export function predict(words: readonly string[], model: LinearModel): number[] {
  const lastBucket = model.values.length / model.biases.length - 1;
  return predictByBuckets(
    Array.from(getBuckets(words), (bucket) => bucket & lastBucket),
    model,
  );
}

/** The probability of each class, in their order, of an example with these features. */
export function predictByBuckets(buckets: readonly number[], { biases, scales, values }: LinearModel): number[] {
  const classes = biases.length;
  const sums = new Int32Array(classes);
  for (const bucket of buckets) {
    const start = bucket * classes;
    for (let each = 0; each < classes; each += 1) sums[each]! += values[start + each]!;
  }
  const length = Math.sqrt(Math.max(buckets.length, 1));
  return softmax(Array.from(sums, (sum, each) => (sum * scales[each]!) / length + biases[each]!));
}

export function softmax(scores: readonly number[]): number[] {
  const highest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - highest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}
