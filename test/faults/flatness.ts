import type { Sample } from './heap.js';

/** The first samples are left out: caches and pools fill. */
const WARM_UP_SHARE = 0.3;
const MIN_SAMPLES = 6;
const MAX_HEAP_MEGABYTES_PER_MINUTE = 1;
const MAX_RSS_MEGABYTES_PER_MINUTE = 8;
/** Open files that come and go with connections. */
const MAX_MORE_FILES = 30;

/** The growth of a value per minute (least squares). */
export function slope(samples: readonly Sample[], value: (sample: Sample) => number): number {
  const mean = (of: (sample: Sample) => number): number =>
    samples.reduce((sum, one) => sum + of(one), 0) / samples.length;
  const [x, y] = [mean(({ minute }) => minute), mean(value)];
  const spread = samples.reduce((sum, { minute }) => sum + (minute - x) ** 2, 0);
  return samples.reduce((sum, one) => sum + (one.minute - x) * (value(one) - y), 0) / spread;
}

/** @returns what grows */
export function findGrowth(name: string, samples: readonly Sample[]): string[] {
  const warm = samples.slice(Math.floor(samples.length * WARM_UP_SHARE));
  const [first, last] = [warm[0], warm.at(-1)];
  if (warm.length < MIN_SAMPLES || !first || !last) return [];
  const heap = slope(warm, ({ heapMegabytes }) => heapMegabytes);
  const memory = slope(warm, ({ megabytes }) => megabytes);
  return [
    ...(heap > MAX_HEAP_MEGABYTES_PER_MINUTE ? [`${name}: the heap grows by ${heap.toFixed(1)} MB a minute`] : []),
    ...(memory > MAX_RSS_MEGABYTES_PER_MINUTE ? [`${name}: the memory grows by ${memory.toFixed(1)} MB a minute`] : []),
    ...(last.files > first.files + MAX_MORE_FILES ? [`${name}: ${first.files} open files became ${last.files}`] : []),
  ];
}
