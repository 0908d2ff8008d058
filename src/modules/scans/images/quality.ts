import type { Sharp } from 'sharp';

/** Longest side, in pixels, at which quality is measured: so that figures of large and small pictures compare. */
export const SIDE = 512;

/** Facts on the picture as a picture: grounds to take it again, never a finding. Greys are 0..255. */
export interface Quality {
  /** Whether all of it is one grey, give or take the noise of a sensor. */
  blank: boolean;
  /** Standard deviation of the greys. */
  contrast: number;
  /** Variance of the Laplacian: low where nothing is sharp (Pech-Pacheco et al. 2000). */
  sharpness: number;
  blurred: boolean;
  /** Share of pixels that are black or white beyond measure, 0..1. */
  saturatedShare: number;
}

const BLANK_BELOW = 2;
const BLURRED_BELOW = 20;
const BLACK = 1;
const WHITE = 254;

export async function qualityOf(image: Sharp): Promise<Quality> {
  const { data, info } = await image
    .flatten()
    .greyscale()
    .toColourspace('b-w')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return measure(data, info.width, info.height);
}

/** @param greys one byte for each pixel, row by row */
export function measure(greys: Uint8Array, width: number, height: number): Quality {
  const contrast = Math.sqrt(variance(greys));
  const sharpness = variance(laplacian(greys, width, height));
  const saturated = greys.reduce((count, grey) => (grey <= BLACK || grey >= WHITE ? count + 1 : count), 0);
  const blank = contrast < BLANK_BELOW;
  return {
    blank,
    contrast: rounded(contrast),
    sharpness: rounded(sharpness),
    blurred: !blank && sharpness < BLURRED_BELOW,
    saturatedShare: rounded(greys.length === 0 ? 0 : saturated / greys.length),
  };
}

/** 4-neighbour kernel; the rim has no neighbours and is left out. */
function laplacian(greys: Uint8Array, width: number, height: number): Float64Array {
  const values = new Float64Array(Math.max(0, (width - 2) * (height - 2)));
  const at = (index: number): number => greys[index] ?? 0;
  let next = 0;
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1) {
      const index = y * width + x;
      values[next++] = at(index - 1) + at(index + 1) + at(index - width) + at(index + width) - 4 * at(index);
    }
  }
  return values;
}

function variance(values: ArrayLike<number>): number {
  let sum = 0;
  let squares = 0;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] as number;
    sum += value;
    squares += value * value;
  }
  if (values.length === 0) return 0;
  const mean = sum / values.length;
  return Math.max(0, squares / values.length - mean * mean);
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;
