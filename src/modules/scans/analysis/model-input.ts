import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { Injectable } from '@nestjs/common';
import { Config } from '../../../core/config/config.js';
import { loadSharp } from '../images/load-sharp.js';
import { ScanStorage } from '../scan-storage.js';
import type { ScanRow } from '../scans.repository.js';
import type { ModelPicture } from './model.js';

/** Longest side of what a model is shown, in pixels. */
const MAX_SIDE = 1024;

/** The pixels of a scan for a model: coded anew once more, so that nothing but pixels goes out. */
@Injectable()
export class ModelInput {
  constructor(
    private readonly storage: ScanStorage,
    private readonly config: Config,
  ) {}

  /** null where the pixels can't be read here. */
  async of(scan: ScanRow): Promise<ModelPicture | null> {
    const name = scan.format === 'DICOM' ? 'preview' : 'served';
    if (!scan.renditions[name]) return null;
    const sharp = await loadSharp();
    const shrink = sharp({ limitInputPixels: this.config.SCAN_MAX_PIXELS, failOn: 'error', sequentialRead: true })
      .resize(MAX_SIDE, MAX_SIDE, { fit: 'inside', withoutEnlargement: true })
      .png({ compressionLevel: 3 });
    const source = await this.storage.read(scan.id, name);
    const [png] = await Promise.all([buffer(shrink), pipeline(source, shrink)]);
    return { png, sha256: createHash('sha256').update(png).digest('hex') };
  }
}
