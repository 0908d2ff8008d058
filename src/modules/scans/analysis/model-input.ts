import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { Injectable } from '@nestjs/common';
import { Config } from '../../../core/config/config.js';
import { loadSharp } from '../images/load-sharp.js';
import { ScanStorage } from '../scan-storage.js';
import type { RenditionName, ScanRow } from '../scans.repository.js';
import type { ModelPicture } from './model.js';

/** The longest side of the image that is sent to a model, in pixels. */
const MAX_SIDE = 1024;

const getSourceName = ({ format }: ScanRow): RenditionName => (format === 'DICOM' ? 'preview' : 'served');

/** Whether the server could decode the pixels of the scan. */
export const hasModelPicture = (scan: ScanRow): boolean => scan.renditions[getSourceName(scan)] !== undefined;

/** Creates the image that is sent to a model. It is encoded again, so that it contains only pixels. */
@Injectable()
export class ModelInput {
  constructor(
    private readonly storage: ScanStorage,
    private readonly config: Config,
  ) {}

  /** @throws BlobMissing */
  async create(scan: ScanRow): Promise<ModelPicture> {
    const sharp = await loadSharp();
    const shrink = sharp({ limitInputPixels: this.config.SCAN_MAX_PIXELS, failOn: 'error', sequentialRead: true })
      .resize(MAX_SIDE, MAX_SIDE, { fit: 'inside', withoutEnlargement: true })
      .png({ compressionLevel: 3 });
    const source = await this.storage.read(scan.id, getSourceName(scan));
    const [png] = await Promise.all([buffer(shrink), pipeline(source, shrink)]);
    return { png, sha256: createHash('sha256').update(png).digest('hex') };
  }
}
