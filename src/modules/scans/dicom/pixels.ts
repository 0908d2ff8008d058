import { open, type FileHandle } from 'node:fs/promises';
import { broken } from '../scan.errors.js';
import type { DicomFile } from './dicom-file.js';
import { getNumber, TAG } from './elements.js';
import { readGreyScale, renderGreys } from './grey-scale.js';
import type { PixelFormat } from './pixel-format.js';
import { isNative } from './transfer-syntax.js';

/** Why a file cannot be rendered. `GREY_SCALE`: its table or function of greys is invalid or not supported. */
export type NoPicture = 'COMPRESSED_TRANSFER_SYNTAX' | 'PIXEL_FORMAT' | 'GREY_SCALE';

/** Pixels to display: grey or RGB, with 8 bits per channel. */
export interface Frame {
  data: Uint8Array;
  width: number;
  height: number;
  channels: 1 | 3;
}

/** The longest side of the rendered frame. Only every n-th pixel is read, so that memory does not grow with the image. */
const RENDERED_SIDE = 1024;

/** Why the pixels cannot be rendered; null if they can. There are no codecs for compressed pixels. */
export function whyNoPicture(file: DicomFile, format: PixelFormat): NoPicture | null {
  const { samples, bitsAllocated, photometric } = format;
  if (!isNative(file.transferSyntax)) return 'COMPRESSED_TRANSFER_SYNTAX';
  if (file.pixels.tag !== '7FE00010') return 'PIXEL_FORMAT';
  const isGrey = samples === 1 && /^MONOCHROME[12]$/.test(photometric) && [8, 16].includes(bitsAllocated);
  if (isGrey) return readGreyScale(file.dataset, format) === null ? 'GREY_SCALE' : null;
  const isColour = samples === 3 && photometric === 'RGB' && bitsAllocated === 8;
  const isInterleaved = (getNumber(file.dataset, TAG.planarConfiguration) ?? 0) === 0;
  return isColour && isInterleaved ? null : 'PIXEL_FORMAT';
}

/** Renders the first frame with at most 1024 pixels per side, with the grey scale of the file. */
export async function renderFrame(file: DicomFile, format: PixelFormat): Promise<Frame> {
  const step = Math.ceil(Math.max(format.rows, format.columns) / RENDERED_SIDE);
  const width = Math.ceil(format.columns / step);
  const height = Math.ceil(format.rows / step);
  const handle = await open(file.pixelPath, 'r');
  try {
    const bytes = await readSample(handle, file.pixels.offset, format, step);
    if (format.samples === 3) return { data: bytes, width, height, channels: 3 };
    const scale = readGreyScale(file.dataset, format);
    if (!scale) throw broken();
    return { data: renderGreys(bytes, format, scale), width, height, channels: 1 };
  } finally {
    await handle.close();
  }
}

/** Reads every n-th pixel of every n-th row, without conversion. */
async function readSample(handle: FileHandle, offset: number, format: PixelFormat, step: number): Promise<Buffer> {
  const { rows, columns, samples, bitsAllocated } = format;
  const pixelBytes = (samples * bitsAllocated) / 8;
  const row = Buffer.alloc(columns * pixelBytes);
  const width = Math.ceil(columns / step);
  const result = Buffer.alloc(width * Math.ceil(rows / step) * pixelBytes);
  let next = 0;
  for (let y = 0; y < rows; y += step) {
    await handle.read(row, 0, row.length, offset + y * row.length);
    for (let x = 0; x < columns; x += step) {
      row.copy(result, next, x * pixelBytes, (x + 1) * pixelBytes);
      next += pixelBytes;
    }
  }
  return result;
}
