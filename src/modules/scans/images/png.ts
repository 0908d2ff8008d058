import { broken, unusable } from '../scan.errors.js';
import type { FileBytes } from './file-bytes.js';
import type { ImageStructure } from './structure.js';

const SIGNATURE_BYTES = 8;
/** Length, type and CRC of a chunk. */
const CHUNK_OVERHEAD = 12;
const MAX_CHUNKS = 100_000;
/** Compressed texts and profiles, which a decoder inflates up to a thousandfold although they are not used. */
const PACKED = new Set(['zTXt', 'iTXt', 'iCCP']);
const MAX_PACKED_BYTES = 1024 * 1024;
/** Samples per pixel by the colour type of the header. */
const SAMPLES: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Reads all chunks (PNG, third edition, section 5). */
export async function readPngStructure(file: FileBytes): Promise<ImageStructure> {
  const header = await file.at(SIGNATURE_BYTES, 25);
  if (header.toString('latin1', 4, 8) !== 'IHDR' || header.readUInt32BE(0) !== 13) throw broken();
  const width = header.readUInt32BE(8);
  const height = header.readUInt32BE(12);
  const bitDepth = header.readUInt8(16);
  const samples = SAMPLES[header.readUInt8(17)];
  if (samples === undefined) throw broken();
  const interlaced = header.readUInt8(20) === 1;
  const { end, frames } = await readChunks(file);
  // A decoder keeps only interlaced images completely in memory.
  const heldBytes = interlaced ? width * height * samples * (bitDepth > 8 ? 2 : 1) : 0;
  return { width, height, bitDepth, frames, heldBytes, end };
}

async function readChunks(file: FileBytes): Promise<{ end: number; frames: number }> {
  let offset = SIGNATURE_BYTES;
  let frames = 1;
  let packed = 0;
  for (let count = 0; count < MAX_CHUNKS; count += 1) {
    const start = await file.at(offset, 8);
    const length = start.readUInt32BE(0);
    const type = start.toString('latin1', 4, 8);
    if (type === 'acTL') frames = (await file.at(offset + 8, 4)).readUInt32BE(0);
    if (PACKED.has(type)) packed += length;
    if (packed > MAX_PACKED_BYTES)
      throw unusable('DECOMPRESSION', 'The image contains too much data besides its pixels.');
    offset += length + CHUNK_OVERHEAD;
    if (offset > file.size) throw broken();
    if (type === 'IEND') return { end: offset, frames };
  }
  throw unusable('TOO_MANY_PARTS', 'The image has too many parts.');
}
