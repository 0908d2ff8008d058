import { unusable } from '../scan.errors.js';
import type { DicomFile } from './dicom-file.js';
import { getNumber, getText, TAG, type DicomDataset } from './elements.js';
import { isNative } from './transfer-syntax.js';

export interface PixelFormat {
  rows: number;
  columns: number;
  frames: number;
  samples: number;
  bitsAllocated: number;
  bitsStored: number;
  /** The position of the lowest stored bit, usually 0. */
  shift: number;
  signed: boolean;
  photometric: string;
}

const MAX_BITS = 64;
/** The largest integer of VR IS, in which the number of frames is written. */
const MAX_COUNT = 2 ** 31 - 1;

/** Reads the format of the pixels. @throws DomainError UNPROCESSABLE_FILE if it is invalid, or has too many or missing pixels */
export function readPixelFormat(file: DicomFile, limits: { maxPixels: number; maxFrames: number }): PixelFormat {
  const { dataset, pixels, transferSyntax } = file;
  const format: PixelFormat = {
    rows: getNumber(dataset, TAG.rows) ?? 0,
    columns: getNumber(dataset, TAG.columns) ?? 0,
    frames: getNumber(dataset, TAG.numberOfFrames) ?? 1,
    samples: getNumber(dataset, TAG.samplesPerPixel) ?? 1,
    bitsAllocated: getNumber(dataset, TAG.bitsAllocated) ?? 0,
    bitsStored: readBitsStored(dataset),
    shift: 0,
    signed: getNumber(dataset, TAG.pixelRepresentation) === 1,
    photometric: getText(dataset, TAG.photometricInterpretation) ?? '',
  };
  const { rows, columns, frames, samples, bitsAllocated, bitsStored } = format;
  const counts = [rows, columns, frames, samples, bitsAllocated, bitsStored];
  const isSane = counts.every((value) => Number.isInteger(value) && value > 0 && value <= MAX_COUNT);
  if (
    !isSane ||
    bitsAllocated > MAX_BITS ||
    bitsStored > bitsAllocated ||
    (pixels.length === null) === isNative(transferSyntax)
  ) {
    throw unusable('BROKEN', 'The format of the pixels is missing or invalid.');
  }
  const highBit = getNumber(dataset, TAG.highBit) ?? bitsStored - 1;
  if (Number.isInteger(highBit) && highBit >= bitsStored && highBit < bitsAllocated) {
    format.shift = highBit + 1 - bitsStored;
  }
  if (rows * columns > limits.maxPixels) throw unusable('TOO_MANY_PIXELS', 'The image has too many pixels.');
  if (frames > limits.maxFrames) throw unusable('TOO_MANY_FRAMES', 'The image has too many frames.');
  if (pixels.length !== null && pixels.length < nativeBytes(format)) {
    throw unusable('BROKEN', 'The file has fewer pixels than it declares.');
  }
  return format;
}

/** BitsStored; BitsAllocated in files without it. */
export const readBitsStored = (dataset: DicomDataset): number =>
  getNumber(dataset, TAG.bitsStored) ?? getNumber(dataset, TAG.bitsAllocated) ?? 0;

/** The size of all frames in a native transfer syntax. */
export function nativeBytes({ rows, columns, frames, samples, bitsAllocated, photometric }: PixelFormat): number {
  // Two adjacent pixels share their colour (PS3.3 C.7.6.3.1.2).
  const shared = samples === 3 && /^YBR_(FULL|PARTIAL)_422$/.test(photometric) ? 2 / 3 : 1;
  return Math.ceil((rows * columns * frames * samples * shared * bitsAllocated) / 8);
}
