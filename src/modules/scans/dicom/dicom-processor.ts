import type { KeyObject } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import { Config } from '../../../core/config/config.js';
import { deriveKey } from '../../../core/security/tokens.js';
import type { Workspace } from '../../../core/storage/spool.js';
import { makeThumbnail } from '../images/image-processor.js';
import { loadSharp } from '../images/load-sharp.js';
import { measureQuality, QUALITY_SIDE, type Quality } from '../images/quality.js';
import type { LocalFiles, ProcessedFile, UploadedFile } from '../upload/uploaded-file.js';
import { DicomThreads } from './dicom-threads.js';
import type { PatientRecord } from './patient.js';
import type { Frame } from './pixels.js';

/** Processes DICOM part 10 files: blanks the preamble, reads the tags, makes the de-identified copy and the pictures. */
@Injectable()
export class DicomProcessor {
  private readonly uidKey: KeyObject;

  constructor(
    private readonly config: Config,
    private readonly threads: DicomThreads,
  ) {
    this.uidKey = deriveKey(config.JWT_SECRET, 'deidentified-uids');
  }

  /** @throws DomainError UNPROCESSABLE_FILE */
  async process({ path, workspace }: UploadedFile, patient: PatientRecord): Promise<ProcessedFile> {
    const { SCAN_MAX_BYTES: maxBytes, SCAN_MAX_PIXELS: maxPixels, SCAN_MAX_FRAMES: maxFrames } = this.config;
    const { uidKey } = this;
    const deidentified = workspace.path('deidentified');
    const task = { path, deidentified, maxBytes, maxPixels, maxFrames, uidKey, patient };
    const { frame, format, facts, deidentification, patientMismatch, patientDigest, noPicture } =
      await this.threads.run(task);
    const pictures = frame ? await makePictures(frame, workspace) : { quality: null, files: {} };
    return {
      details: {
        format: 'DICOM',
        width: format.columns,
        height: format.rows,
        bitDepth: format.bitsStored,
        channels: format.samples,
        frames: format.frames,
        quality: pictures.quality,
        dicom: facts,
        deidentification,
        patientMismatch,
        noPicture,
      },
      patientDigest,
      files: { served: { path }, deidentified: { path: deidentified }, ...pictures.files },
    };
  }
}

async function makePictures(
  { data, width, height, channels }: Frame,
  workspace: Workspace,
): Promise<{ quality: Quality; files: LocalFiles }> {
  const sharp = await loadSharp();
  const frame = sharp(data, { raw: { width, height, channels } });
  const thumbnail = workspace.path('thumbnail');
  await writeFile(thumbnail, await makeThumbnail(frame.clone()));
  const preview = workspace.path('preview');
  await frame.clone().png({ compressionLevel: 3 }).toFile(preview);
  const sample = await frame
    .resize(QUALITY_SIDE, QUALITY_SIDE, { fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const quality = measureQuality({ data: sample.data, ...sample.info });
  return { quality, files: { thumbnail: { path: thumbnail }, preview: { path: preview } } };
}
