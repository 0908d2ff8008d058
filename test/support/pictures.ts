import { deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';

/** An image with edges and a gradient, so that it is neither blank nor blurred. */
function pixels(width: number, height: number, channels = 3): Buffer {
  const data = Buffer.alloc(width * height * channels);
  let noise = 1;
  for (let index = 0; index < data.length; index += 1) {
    noise = (Math.imul(noise, 1103515245) + 12345) >>> 0;
    const x = Math.floor(index / channels) % width;
    data[index] = ((x * 255) / width + ((x >> 4) % 2) * 60 + (noise >>> 29)) & 255;
  }
  return data;
}

const raw = (width: number, height: number): Sharp =>
  sharp(pixels(width, height), { raw: { width, height, channels: 3 } });

export const png = (width = 64, height = 48): Promise<Buffer> => raw(width, height).png().toBuffer();
export const webp = (width = 64, height = 48): Promise<Buffer> => raw(width, height).webp({ quality: 100 }).toBuffer();
export const jpeg = (width = 64, height = 48): Promise<Buffer> => raw(width, height).jpeg({ quality: 98 }).toBuffer();

/** A JPEG like that of a phone: with place, time and names in its metadata, and rotated by 90 degrees. */
export const jpegWithMetadata = (secret: string): Promise<Buffer> =>
  raw(64, 48)
    .jpeg()
    .withMetadata({ orientation: 6 })
    .withExifMerge({
      IFD0: { Artist: secret, ImageDescription: secret },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '30/1 2/1 3/1' },
    })
    .withXmp(
      `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" dc:title="${secret}"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`,
    )
    .toBuffer();

const CRC = Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

const crc = (bytes: Buffer): number =>
  ~bytes.reduce((sum, byte) => (CRC[(sum ^ byte) & 255] as number) ^ (sum >>> 8), 0xffffffff) >>> 0;

export function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc(body));
  return Buffer.concat([length, body, sum]);
}

const PNG_SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

/** A PNG whose header states this size. Its data is one deflated row of zeros, or the given number of bytes. */
export function hugePng(width: number, height: number, { interlaced = false, zeros = 0 } = {}): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6, 0, 0, interlaced ? 1 : 0], 8);
  const data = deflateSync(Buffer.alloc(zeros || width * 4 + 1));
  return Buffer.concat([PNG_SIGNATURE, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

/** The same image with an animation header, which states the number of frames. */
export function apng(picture: Buffer, frames: number): Buffer {
  const control = Buffer.alloc(8);
  control.writeUInt32BE(frames, 0);
  const afterHeader = PNG_SIGNATURE.length + 25;
  return Buffer.concat([picture.subarray(0, afterHeader), chunk('acTL', control), picture.subarray(afterHeader)]);
}

/** A JPEG whose last scan is repeated; each scan is a pass over all pixels. */
export async function manyScanJpeg(scans: number): Promise<Buffer> {
  const picture = await raw(64, 64).jpeg({ progressive: true }).toBuffer();
  const last = picture.lastIndexOf(Buffer.from([0xff, 0xda]));
  const end = picture.lastIndexOf(Buffer.from([0xff, 0xd9]));
  const scan = picture.subarray(last, end);
  return Buffer.concat([picture.subarray(0, end), ...Array.from({ length: scans }, () => scan), picture.subarray(end)]);
}

/** A ZIP with one stored file, complete with its central directory. */
export function zip(content = 'hello'): Buffer {
  const data = Buffer.from(content);
  const name = Buffer.from('../../evil.txt');
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt32LE(crc(data), 14);
  local.writeUInt32LE(data.length, 18);
  local.writeUInt32LE(data.length, 22);
  local.writeUInt16LE(name.length, 26);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt32LE(crc(data), 16);
  central.writeUInt32LE(data.length, 20);
  central.writeUInt32LE(data.length, 24);
  central.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length + name.length, 12);
  end.writeUInt32LE(local.length + name.length + data.length, 16);
  return Buffer.concat([local, name, data, central, name, end]);
}
