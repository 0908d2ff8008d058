/** Images are scaled to this longest side (pixels) before measuring, so that values of large and small images are comparable. */
export const QUALITY_SIDE = 512;

/** The technical quality of an image: a reason to take it again, not a medical finding. Grey values are 0..255. */
export interface Quality {
  /** Whether the whole image has one shade of grey, except for the noise of a sensor. */
  blank: boolean;
  /** Standard deviation of the grey values. */
  contrast: number;
  /** Variance of the Laplacian: low if nothing is sharp (Pech-Pacheco et al. 2000). */
  sharpness: number;
  blurred: boolean;
  /** Share of pixels that are saturated, 0..1. */
  saturatedShare: number;
}

/** An image with less contrast (standard deviation of the grey values) is blank. */
const MIN_CONTRAST = 2;
/** An image with less sharpness (variance of the Laplacian) is blurred. */
const MIN_SHARPNESS = 20;
/** Grey values up to BLACK and from WHITE are saturated. */
const BLACK = 1;
const WHITE = 254;

/** Pixels row by row, a byte for each channel: grey, grey and alpha, RGB, or RGBA. */
export interface Pixels {
  data: Uint8Array;
  width: number;
  height: number;
  channels: number;
}

export function measureQuality(pixels: Pixels): Quality {
  const greys = toGreys(pixels);
  const contrast = Math.sqrt(greyVariance(greys));
  const sharpness = laplacianVariance(greys, pixels);
  let saturated = 0;
  for (const grey of greys) if (grey <= BLACK || grey >= WHITE) saturated += 1;
  const blank = contrast < MIN_CONTRAST;
  return {
    blank,
    contrast: rounded(contrast),
    sharpness: rounded(sharpness),
    blurred: !blank && sharpness < MIN_SHARPNESS,
    saturatedShare: rounded(greys.length === 0 ? 0 : saturated / greys.length),
  };
}

/** Luma of ITU-R BT.601 in 256ths. Transparent pixels are black. */
function toGreys({ data, width, height, channels }: Pixels): Uint8Array {
  if (channels === 1) return data;
  const greys = new Uint8Array(width * height);
  const coloured = channels >= 3;
  const transparent = channels % 2 === 0;
  for (let index = 0, at = 0; index < greys.length; index += 1, at += channels) {
    const red = data[at] as number;
    const grey = coloured ? (77 * red + 150 * (data[at + 1] as number) + 29 * (data[at + 2] as number)) >> 8 : red;
    greys[index] = transparent ? (grey * (data[at + channels - 1] as number)) / 255 : grey;
  }
  return greys;
}

/** The variance of the Laplacian with the 4-neighbour kernel, without the pixels of the border. */
function laplacianVariance(greys: Uint8Array, { width, height }: Pixels): number {
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (let y = 1; y < height - 1; y += 1) {
    for (let index = y * width + 1; index < (y + 1) * width - 1; index += 1) {
      const beside = (greys[index - 1] as number) + (greys[index + 1] as number);
      const above = (greys[index - width] as number) + (greys[index + width] as number);
      const value = beside + above - 4 * (greys[index] as number);
      count += 1;
      sum += value;
      squares += value * value;
    }
  }
  return variance(count, sum, squares);
}

function greyVariance(values: Uint8Array): number {
  let sum = 0;
  let squares = 0;
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  return variance(values.length, sum, squares);
}

const variance = (count: number, sum: number, squares: number): number =>
  count === 0 ? 0 : Math.max(0, squares / count - (sum / count) ** 2);

const rounded = (value: number): number => Math.round(value * 1000) / 1000;
