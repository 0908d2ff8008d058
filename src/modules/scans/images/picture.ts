import { truncate, writeFile } from 'node:fs/promises';
import type { Sharp } from 'sharp';
import { StorageUnavailable } from '../../../core/storage/storage-unavailable.js';
import type { Workspace } from '../../../core/storage/spool.js';
import { broken, unusable } from '../scan.errors.js';
import type { Format } from '../upload/declared-type.js';
import { FileBytes } from './file-bytes.js';
import { jpegStructure } from './jpeg.js';
import { loadSharp } from './load-sharp.js';
import { pngStructure } from './png.js';
import { qualityOf, SIDE, type Quality } from './quality.js';
import type { ImageStructure } from './structure.js';
import { isLosslessWebp, webpStructure } from './webp.js';

export type PictureFormat = Exclude<Format, 'DICOM'>;

export interface Picture {
  width: number;
  height: number;
  bitDepth: number;
  channels: number;
  /** Whether the file went on behind the picture, and was cut there. */
  isTruncated: boolean;
  quality: Quality;
  /** Files in the workspace. */
  served: string;
  thumbnail: string;
}

/** The most that decoding may hold at once, beside a few rows. */
const MOST_HELD_BYTES = 128 * 1024 * 1024;
/** Rows are decoded some dozens at a time: one of forty million pixels would be gigabytes. JPEG and WebP end far below. */
const MOST_SIDE = 65_535;
const MOST_SECONDS = 20;
const THUMBNAIL_SIDE = 320;
const NEAR_LOSSLESS = 95;

const STRUCTURES: Record<PictureFormat, (file: FileBytes) => Promise<ImageStructure>> = {
  PNG: pngStructure,
  JPEG: jpegStructure,
  WEBP: webpStructure,
};

/**
 * Makes of an untrusted picture what may be served: decoded in full and coded anew, so that neither metadata nor anything
 * that hides in the picture is left. What follows the picture in the file is cut off. Sizes are checked before a pixel is decoded.
 * @throws DomainError UNSUPPORTED_MEDIA_TYPE, UNPROCESSABLE_FILE
 */
export async function takePicture(
  path: string,
  format: PictureFormat,
  maxPixels: number,
  workspace: Workspace,
): Promise<Picture> {
  const { structure, lossless, isLonger } = await FileBytes.use(path, async (file) => {
    const found = await STRUCTURES[format](file);
    const lossless = format === 'WEBP' && (await isLosslessWebp(file));
    return { structure: found, lossless, isLonger: found.end < file.size };
  });
  assertSize(structure, maxPixels);
  // Cameras append blocks of their own, transfers a line end. Whatever it is, it is no part of the picture.
  if (isLonger) await truncate(path, structure.end);
  const sharp = await loadSharp();
  const open = (): Sharp =>
    sharp(path, { limitInputPixels: maxPixels, failOn: 'error', sequentialRead: true })
      .timeout({ seconds: MOST_SECONDS })
      .autoOrient();
  const served = workspace.path('served');
  try {
    const whole = await encoded(open(), await codingOf(open(), format, lossless)).toFile(served);
    const { data, info } = await open()
      .resize(SIDE, SIDE, { fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    const thumbnail = workspace.path('thumbnail');
    await writeFile(thumbnail, await thumbnailOf(sharp(data, { raw: info })));
    const quality = qualityOf({ data, ...info });
    return {
      width: whole.width,
      height: whole.height,
      channels: whole.channels,
      bitDepth: structure.bitDepth,
      isTruncated: isLonger,
      quality,
      served,
      thumbnail,
    };
  } catch (error) {
    // libvips names the file and the codec's complaint; neither is for the caller.
    throw /no space|system error/i.test(String(error)) ? new StorageUnavailable(error) : broken();
  }
}

export const thumbnailOf = (image: Sharp): Promise<Buffer> =>
  image
    .resize(THUMBNAIL_SIDE, THUMBNAIL_SIDE, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .jpeg({ quality: 80 })
    .toBuffer();

interface Coding {
  format: PictureFormat;
  lossless: boolean;
  /** Greys stay greys, and 16 bits stay 16: sharp would make 8-bit sRGB of both. */
  space: string;
  subsampling: string;
}

const KEPT_SPACES = new Set(['b-w', 'grey16', 'rgb16']);

async function codingOf(image: Sharp, format: PictureFormat, lossless: boolean): Promise<Coding> {
  const found = await image.metadata();
  if (found.format !== format.toLowerCase()) throw new Error('the decoder sees another format');
  const space = KEPT_SPACES.has(found.space) ? found.space : 'srgb';
  return { format, lossless, space, subsampling: found.chromaSubsampling === '4:2:0' ? '4:2:0' : '4:4:4' };
}

/** Without a call that keeps it, sharp drops every kind of metadata and brings the colours to sRGB. */
function encoded(image: Sharp, { format, lossless, space, subsampling }: Coding): Sharp {
  switch (format) {
    case 'PNG':
      return image.toColourspace(space).png({ compressionLevel: 3, adaptiveFiltering: false });
    case 'JPEG':
      // Better tables would need all of the picture in memory first.
      return image.jpeg({ quality: NEAR_LOSSLESS, chromaSubsampling: subsampling, optimiseCoding: false });
    case 'WEBP':
      return lossless ? image.webp({ lossless: true, effort: 1 }) : image.webp({ quality: NEAR_LOSSLESS, effort: 1 });
  }
}

function assertSize({ width, height, frames, heldBytes }: ImageStructure, maxPixels: number): void {
  if (width === 0 || height === 0) throw broken();
  if (width * height > maxPixels || Math.max(width, height) > MOST_SIDE)
    throw unusable('TOO_MANY_PIXELS', 'The picture has too many pixels.');
  if (heldBytes > MOST_HELD_BYTES)
    throw unusable('TOO_MANY_PIXELS', 'The picture is too large for the way it is coded.');
  if (frames > 1) throw unusable('ANIMATED', 'Animated pictures are not taken.');
}
