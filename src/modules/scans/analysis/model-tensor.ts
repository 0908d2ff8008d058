import type { PixelRange } from '../../../core/config/scan-settings.js';
import { loadSharp } from '../images/load-sharp.js';
import type { TensorInput } from './kserve-protocol.js';

const IMAGENET_MEAN = [0.485, 0.456, 0.406];
const IMAGENET_DEVIATION = [0.229, 0.224, 0.225];

/** Of a byte of a channel. A grey image has the mean and the deviation of green, which are about those of all colours. */
const NORMALIZE: Record<PixelRange, (byte: number, channel: number) => number> = {
  unit: (byte) => byte / 255,
  signed: (byte) => byte / 127.5 - 1,
  imagenet: (byte, channel) =>
    (byte / 255 - (IMAGENET_MEAN[channel] as number)) / (IMAGENET_DEVIATION[channel] as number),
  raw: (byte) => byte,
};

/**
 * Creates the values of an image for a model. The image is resized to fit, without distortion, in the middle of a black one. UINT8 is
 * always 0 to 255.
 */
export async function createTensor(png: Buffer, input: TensorInput, range: PixelRange): Promise<number[]> {
  const { width, height, channels } = input;
  const sharp = await loadSharp();
  const { data } = await sharp(png)
    .flatten({ background: 'black' })
    .resize(width, height, { fit: 'contain', background: 'black', kernel: 'linear' })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const tables = Array.from({ length: channels }, (_, channel) => createTable(input, range, channel));
  const values = new Array<number>(data.length);
  const pixels = width * height;
  for (let at = 0; at < data.length; at += 1) {
    const channel = at % channels;
    const to = input.layout === 'NHWC' ? at : channel * pixels + (at - channel) / channels;
    values[to] = (tables[channel] as number[])[data[at] as number] as number;
  }
  return values;
}

/** The value for each byte. Nine digits are the precision of FP32; more would only make the request longer. */
function createTable({ datatype, channels }: TensorInput, range: PixelRange, channel: number): number[] {
  const normalize = NORMALIZE[datatype === 'UINT8' ? 'raw' : range];
  return Array.from({ length: 256 }, (_, byte) => Number(normalize(byte, channels === 1 ? 1 : channel).toPrecision(9)));
}
