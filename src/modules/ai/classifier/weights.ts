import { readFileSync } from 'node:fs';
import { BUCKETS } from './features.js';

/** What a message is about. EMERGENCY and SELF_HARM are both emergencies; the second one has a text of its own. */
export const CLASSES = ['EMERGENCY', 'SELF_HARM', 'HEALTH', 'ADMIN'] as const;
export type MessageClass = (typeof CLASSES)[number];

/** A linear model with one weight per bucket and class. */
export interface Weights {
  biases: Float32Array;
  /** The weight that is stored as 1, per class. */
  scales: Float32Array;
  /** Those of a bucket follow each other, in the order of CLASSES. */
  values: Int8Array;
}

const HEADER_BYTES = 2 * CLASSES.length * Float32Array.BYTES_PER_ELEMENT;

/** Reads the file that `npm run train:red-flags` writes: biases, scales (32-bit floats, little endian) and values (8-bit). */
export function parseWeights(file: Buffer): Weights {
  if (file.length !== HEADER_BYTES + BUCKETS * CLASSES.length) throw new Error('weights.bin has a wrong length');
  const floats = Float32Array.from({ length: 2 * CLASSES.length }, (_, index) => file.readFloatLE(4 * index));
  return {
    biases: floats.subarray(0, CLASSES.length),
    scales: floats.subarray(CLASSES.length),
    values: new Int8Array(file.buffer, file.byteOffset + HEADER_BYTES, BUCKETS * CLASSES.length),
  };
}

export function formatWeights({ biases, scales, values }: Weights): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  [...biases, ...scales].forEach((value, index) => header.writeFloatLE(value, 4 * index));
  return Buffer.concat([header, Buffer.from(values.buffer, values.byteOffset, values.length)]);
}

let loaded: Weights | undefined;

/** The committed weights, read once. */
export const loadWeights = (): Weights =>
  (loaded ??= parseWeights(readFileSync(new URL('./weights.bin', import.meta.url))));
