import { truncate, writeFile } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import type { OutputInfo, Sharp } from 'sharp';
import { Config } from '../../../core/config/config.js';
import { StorageUnavailable } from '../../../core/storage/storage-unavailable.js';
import { broken, unusable } from '../scan.errors.js';
import type { Format } from '../upload/file-type.js';
import type { LocalFile, ProcessedFile, UploadedFile } from '../upload/uploaded-file.js';
import { FileBytes } from './file-bytes.js';
import { readJpegStructure } from './jpeg.js';
import { loadSharp } from './load-sharp.js';
import { readPngStructure } from './png.js';
import { measureQuality, QUALITY_SIDE } from './quality.js';
import type { ImageStructure } from './structure.js';
import { isLosslessWebp, readWebpStructure } from './webp.js';

type ImageFormat = Exclude<Format, 'DICOM'>;

/** The maximum memory of a decoder, in addition to a few rows. */
const MAX_HELD_BYTES = 128 * 1024 * 1024;
/** For PNG, dozens of rows are decoded at once, which would need gigabytes for very wide images. */
const MAX_SIDE = 65_535;
/** The time limit of each step that decodes the image: copy, quality. */
const MAX_STEP_SECONDS = 20;
/** The longest side of a thumbnail, in pixels. */
const THUMBNAIL_SIDE = 320;
/** The quality of JPEG and WebP, of at most 100. */
const NEAR_LOSSLESS_QUALITY = 95;

const STRUCTURES: Record<ImageFormat, (file: FileBytes) => Promise<ImageStructure>> = {
  PNG: readPngStructure,
  JPEG: readJpegStructure,
  WEBP: readWebpStructure,
};

/**
 * Processes PNG, JPEG and WebP. The image is fully decoded and encoded again, so that neither metadata nor hidden content
 * is served. Sizes are checked before a pixel is decoded.
 */
@Injectable()
export class ImageProcessor {
  constructor(private readonly config: Config) {}

  /** @throws DomainError UNSUPPORTED_MEDIA_TYPE, UNPROCESSABLE_FILE */
  async process(file: UploadedFile, format: ImageFormat): Promise<ProcessedFile> {
    const { structure, isLossless, hasTrailingBytes } = await readStructure(file.path, format);
    assertSize(structure, this.config.SCAN_MAX_PIXELS);
    const original = await removeTrailingBytes(file, hasTrailingBytes ? structure.end : null);
    const served = file.workspace.path('served');
    const thumbnail = file.workspace.path('thumbnail');
    const sharp = await loadSharp();
    const open = (): Sharp =>
      sharp(file.path, { limitInputPixels: this.config.SCAN_MAX_PIXELS, failOn: 'error', sequentialRead: true })
        .timeout({ seconds: MAX_STEP_SECONDS })
        .autoOrient();
    try {
      const encoded = await encode(open(), await getEncoding(open(), format, isLossless)).toFile(served);
      const { data, info } = await reduce(open());
      await writeFile(thumbnail, await makeThumbnail(sharp(data, { raw: info })));
      return {
        details: {
          format,
          width: encoded.width,
          height: encoded.height,
          channels: encoded.channels,
          bitDepth: structure.bitDepth,
          frames: 1,
          quality: measureQuality({ data, ...info }),
          dicom: null,
          deidentification: null,
          patientMismatch: 'NOT_CHECKED',
          noPicture: null,
        },
        files: { original, served: { path: served }, thumbnail: { path: thumbnail } },
      };
    } catch (error) {
      // The error of libvips contains the path and the codec, which must not be returned to the caller.
      throw /no space|system error/i.test(String(error)) ? new StorageUnavailable(error) : broken();
    }
  }
}

async function readStructure(
  path: string,
  format: ImageFormat,
): Promise<{ structure: ImageStructure; isLossless: boolean; hasTrailingBytes: boolean }> {
  return FileBytes.use(path, async (file) => {
    const structure = await STRUCTURES[format](file);
    const isLossless = format === 'WEBP' && (await isLosslessWebp(file));
    return { structure, isLossless, hasTrailingBytes: structure.end < file.size };
  });
}

/** Removes bytes after the image: some cameras append their own data, and some transfers append line ends. */
async function removeTrailingBytes({ path, bytes, sha256 }: UploadedFile, end: number | null): Promise<LocalFile> {
  if (end === null) return { path, measured: { bytes, sha256 } };
  await truncate(path, end);
  return { path };
}

/** The pixels of a smaller image, from which quality is measured and the thumbnail is made. */
const reduce = (image: Sharp): Promise<{ data: Buffer; info: OutputInfo }> =>
  image
    .resize(QUALITY_SIDE, QUALITY_SIDE, { fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });

export const makeThumbnail = (image: Sharp): Promise<Buffer> =>
  image
    .resize(THUMBNAIL_SIDE, THUMBNAIL_SIDE, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .jpeg({ quality: 80 })
    .toBuffer();

interface Encoding {
  format: ImageFormat;
  isLossless: boolean;
  /** Keeps grey images grey, and 16 bits per channel. By default, sharp converts both to 8-bit sRGB. */
  space: string;
  subsampling: string;
}

const KEPT_SPACES = new Set(['b-w', 'grey16', 'rgb16']);

async function getEncoding(image: Sharp, format: ImageFormat, isLossless: boolean): Promise<Encoding> {
  const found = await image.metadata();
  if (found.format !== format.toLowerCase()) throw new Error('the decoder sees another format');
  const space = KEPT_SPACES.has(found.space) ? found.space : 'srgb';
  return { format, isLossless, space, subsampling: found.chromaSubsampling === '4:2:0' ? '4:2:0' : '4:4:4' };
}

/** By default, sharp removes all metadata and converts colours to sRGB. */
function encode(image: Sharp, { format, isLossless, space, subsampling }: Encoding): Sharp {
  switch (format) {
    case 'PNG':
      return image.toColourspace(space).png({ compressionLevel: 3, adaptiveFiltering: false });
    case 'JPEG':
      // Optimised coding tables would need the whole image in memory.
      return image.jpeg({ quality: NEAR_LOSSLESS_QUALITY, chromaSubsampling: subsampling, optimiseCoding: false });
    case 'WEBP':
      return isLossless
        ? image.webp({ lossless: true, effort: 1 })
        : image.webp({ quality: NEAR_LOSSLESS_QUALITY, effort: 1 });
  }
}

function assertSize({ width, height, frames, heldBytes }: ImageStructure, maxPixels: number): void {
  if (width === 0 || height === 0) throw broken();
  if (width * height > maxPixels || Math.max(width, height) > MAX_SIDE)
    throw unusable('TOO_MANY_PIXELS', 'The image has too many pixels.');
  if (heldBytes > MAX_HELD_BYTES) throw unusable('TOO_MANY_PIXELS', 'The image needs too much memory to be decoded.');
  if (frames > 1) throw unusable('ANIMATED', 'Animated images are not accepted.');
}
