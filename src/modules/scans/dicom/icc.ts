/** The tags of a profile that define colours, and their types, which contain numbers but no text (ICC.1 section 9). */
const COLOUR_TAGS = /^(A2B[0-2]|B2A[0-2]|[rgb]XYZ|[rgbk]TRC|wtpt|bkpt|chad|lumi|gamt|[BD]2[DB][0-3]|chrm)$/;
const COLOUR_TYPES = new Set(['XYZ ', 'curv', 'para', 'mft1', 'mft2', 'mAB ', 'mBA ', 'sf32', 'chrm']);
const HEADER_BYTES = 128;
const MAX_TAGS = 100;
/** The class, colour space and connection space of an image's profile (ICC.1 7.2). */
const HEADER = /^(scnr|mntr|prtr|spac)(RGB |GRAY|CMYK|XYZ |Lab |YCbr)(XYZ |Lab )$/;
/** The blanked fields of the header: CMM, date, platform, flags, manufacturer, model, attributes, intent, creator, id, reserved. */
const BLANKED: readonly (readonly [from: number, to: number])[] = [
  [4, 8],
  [24, 36],
  [40, 68],
  [80, 128],
];

/**
 * Removes all texts from an ICC profile. Keeps only the tags that define colours, and adds a neutral description and copyright.
 * @returns null if the profile is invalid
 */
export function cleanIccProfile(bytes: Buffer): Buffer | null {
  if (bytes.length < HEADER_BYTES + 4 || bytes.toString('latin1', 36, 40) !== 'acsp') return null;
  if (!HEADER.test(bytes.toString('latin1', 12, 24))) return null;
  const count = bytes.readUInt32BE(HEADER_BYTES);
  if (count > MAX_TAGS || HEADER_BYTES + 4 + count * 12 > bytes.length) return null;
  const tags: [name: string, data: Buffer][] = [];
  for (let index = 0; index < count; index += 1) {
    const at = HEADER_BYTES + 4 + index * 12;
    const [name, offset, size] = [
      bytes.toString('latin1', at, at + 4),
      bytes.readUInt32BE(at + 4),
      bytes.readUInt32BE(at + 8),
    ];
    if (size < 8 || offset + size > bytes.length) return null;
    const data = bytes.subarray(offset, offset + size);
    if (COLOUR_TAGS.test(name) && COLOUR_TYPES.has(data.toString('latin1', 0, 4))) tags.push([name, data]);
  }
  if (tags.length === 0) return null;
  const isVersion4 = (bytes[8] as number) >= 4;
  tags.push(
    ['desc', isVersion4 ? localizedType() : descriptionType()],
    ['cprt', isVersion4 ? localizedType() : textType()],
  );
  return writeProfile(bytes.subarray(0, HEADER_BYTES), tags);
}

function writeProfile(header: Buffer, tags: [name: string, data: Buffer][]): Buffer {
  const head = Buffer.alloc(HEADER_BYTES + 4 + tags.length * 12);
  header.copy(head);
  for (const [from, to] of BLANKED) head.fill(0, from, to);
  // Only two bytes of the version are used; the illuminant is always D50 (7.2.4, 7.2.16).
  head.fill(0, 10, 12);
  D50.copy(head, 68);
  // A date of all zeros is not valid.
  head.writeUInt16BE(2000, 24);
  head.writeUInt16BE(1, 26);
  head.writeUInt16BE(1, 28);
  head.writeUInt32BE(tags.length, HEADER_BYTES);
  const parts: Buffer[] = [head];
  let offset = head.length;
  for (const [index, [name, data]] of tags.entries()) {
    const at = HEADER_BYTES + 4 + index * 12;
    head.write(name, at, 'latin1');
    head.writeUInt32BE(offset, at + 4);
    head.writeUInt32BE(data.length, at + 8);
    const padded = Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)]);
    parts.push(padded);
    offset += padded.length;
  }
  head.writeUInt32BE(offset, 0);
  return Buffer.concat(parts);
}

const D50 = Buffer.from('0000f6d6000100000000d32d', 'hex');
const REMOVED = 'Removed';

function textType(): Buffer {
  return Buffer.from(`text\0\0\0\0${REMOVED}\0`, 'latin1');
}

/** textDescriptionType of version 2: ASCII, and empty Unicode and ScriptCode parts. */
function descriptionType(): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(REMOVED.length + 1);
  return Buffer.concat([Buffer.from('desc\0\0\0\0', 'latin1'), length, Buffer.from(`${REMOVED}\0`), Buffer.alloc(78)]);
}

/** multiLocalizedUnicodeType of version 4. */
function localizedType(): Buffer {
  const head = Buffer.alloc(28);
  head.write('mluc', 0, 'latin1');
  head.writeUInt32BE(1, 8);
  head.writeUInt32BE(12, 12);
  head.write('enUS', 16, 'latin1');
  head.writeUInt32BE(REMOVED.length * 2, 20);
  head.writeUInt32BE(28, 24);
  return Buffer.concat([head, Buffer.from(REMOVED, 'utf16le').swap16()]);
}
