import { inflateSync } from 'node:zlib';

/** Bytes. An entry of WOFF is tag, offset, compressed length, length and checksum; one of OpenType is tag, checksum, offset and length. */
const WOFF_HEADER = 44;
const WOFF_ENTRY = 20;
const HEADER = 12;
const ENTRY = 16;

/**
 * The OpenType file that a WOFF file contains: the same tables, not compressed (https://www.w3.org/TR/WOFF/). fontkit reads WOFF too, but
 * decompresses a table again for each glyph.
 */
export function toOpenType(woff: Buffer): Buffer {
  const count = woff.readUInt16BE(12);
  const header = Buffer.alloc(HEADER + ENTRY * count);
  woff.copy(header, 0, 4, 8);
  header.writeUInt16BE(count, 4);
  const tables: Buffer[] = [];
  let offset = header.length;
  for (let index = 0; index < count; index += 1) {
    const entry = WOFF_HEADER + WOFF_ENTRY * index;
    const start = woff.readUInt32BE(entry + 4);
    const packed = woff.readUInt32BE(entry + 8);
    const length = woff.readUInt32BE(entry + 12);
    const content = woff.subarray(start, start + packed);
    const padding = Buffer.alloc((4 - (length % 4)) % 4);
    tables.push(packed < length ? inflateSync(content) : content, padding);
    woff.copy(header, HEADER + ENTRY * index, entry, entry + 4);
    header.writeUInt32BE(woff.readUInt32BE(entry + 16), HEADER + ENTRY * index + 4);
    header.writeUInt32BE(offset, HEADER + ENTRY * index + 8);
    header.writeUInt32BE(length, HEADER + ENTRY * index + 12);
    offset += length + padding.length;
  }
  return Buffer.concat([header, ...tables]);
}
