import { broken, unusable } from '../scan.errors.js';
import type { FileBytes } from './file-bytes.js';
import type { ImageStructure } from './structure.js';

const RIFF_BYTES = 12;
const MAX_CHUNKS = 10_000;
/** libwebp decodes into a complete RGBA image, and encodes from another one with tables. */
const HELD_BYTES_PER_PIXEL = 12;

interface Size {
  width: number;
  height: number;
}

/** Reads all chunks (RFC 9649). */
export async function readWebpStructure(file: FileBytes): Promise<ImageStructure> {
  const end = 8 + (await file.at(4, 4)).readUInt32LE(0);
  if (end > file.size) throw broken();
  let size: Size | undefined;
  let frames = 0;
  let offset = RIFF_BYTES;
  for (let count = 0; offset < end; count += 1) {
    if (count > MAX_CHUNKS) throw unusable('TOO_MANY_PARTS', 'The image has too many parts.');
    const head = await file.at(offset, 8);
    const type = head.toString('latin1', 0, 4);
    if (type === 'ANMF') frames += 1;
    // The size in the extended header has priority over that of the image's own chunk, which follows it.
    size ??= await readSize(type, file, offset + 8);
    const length = head.readUInt32LE(4);
    offset += 8 + length + (length % 2);
  }
  if (!size) throw broken();
  const { width, height } = size;
  return {
    width,
    height,
    bitDepth: 8,
    frames: Math.max(frames, 1),
    heldBytes: width * height * HELD_BYTES_PER_PIXEL,
    end,
  };
}

async function readSize(type: string, file: FileBytes, offset: number): Promise<Size | undefined> {
  if (type === 'VP8X') {
    const data = await file.at(offset, 10);
    return { width: data.readUIntLE(4, 3) + 1, height: data.readUIntLE(7, 3) + 1 };
  }
  if (type === 'VP8 ') {
    const data = await file.at(offset, 10);
    return { width: data.readUInt16LE(6) & 0x3fff, height: data.readUInt16LE(8) & 0x3fff };
  }
  if (type !== 'VP8L') return undefined;
  const bits = (await file.at(offset, 5)).readUInt32LE(1);
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
}

/** Whether the image is encoded without loss. */
export async function isLosslessWebp(file: FileBytes): Promise<boolean> {
  let offset = RIFF_BYTES;
  while (offset + 8 <= file.size) {
    const head = await file.at(offset, 8);
    const type = head.toString('latin1', 0, 4);
    if (type === 'VP8L') return true;
    if (type === 'VP8 ') return false;
    const length = head.readUInt32LE(4);
    offset += 8 + length + (length % 2);
  }
  return false;
}
