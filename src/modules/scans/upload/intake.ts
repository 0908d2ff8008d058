import type { KeyObject } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Injectable } from '@nestjs/common';
import { fileTypeFromBuffer } from 'file-type';
import { Semaphore } from '../../../core/concurrency/semaphore.js';
import { Config } from '../../../core/config/config.js';
import { deriveKey } from '../../../core/security/tokens.js';
import type { Workspace } from '../../../core/storage/spool.js';
import type { PatientRecord } from '../dicom/patient.js';
import { looksLikeDicom } from '../dicom/dicom-file.js';
import { DicomThreads } from '../dicom/dicom-threads.js';
import { takeDicom } from '../dicom/take-dicom.js';
import { takePicture, type PictureFormat } from '../images/picture.js';
import { wrongType } from '../scan.errors.js';
import type { NewScan, RenditionName } from '../scans.repository.js';
import { assertDeclared, type Format } from './declared-type.js';
import type { Received } from './multipart.js';

/** What file-type needs to know a file by. */
const SNIFFED_BYTES = 4_100;
/** Files decoded at once by a process. Each holds up to some 150 MiB at worst, and little as a rule. */
const MAX_CONCURRENT_DECODES = 2;

const FORMAT_OF: Record<string, Format> = {
  'image/png': 'PNG',
  'image/apng': 'PNG',
  'image/jpeg': 'JPEG',
  'image/webp': 'WEBP',
  'application/dicom': 'DICOM',
};

export type Facts = Pick<
  NewScan,
  | 'format'
  | 'width'
  | 'height'
  | 'bitDepth'
  | 'channels'
  | 'frames'
  | 'quality'
  | 'dicom'
  | 'deidentification'
  | 'patientMismatch'
  | 'noPicture'
>;

export interface Incoming {
  path: string;
  received: Received;
  patient: PatientRecord;
  /** The user who sends it: one file of each is decoded at a time. */
  owner: string;
}

export interface Taken {
  facts: Facts;
  /** Files in the workspace that are to be stored. */
  files: Partial<Record<RenditionName, string>>;
  /** Whether the uploaded file itself was changed, so that its size and hash are others than received. */
  isTruncated: boolean;
}

/** Looks into an upload and makes what is to be stored of it. */
@Injectable()
export class Intake {
  /** One file of each user: whoever sends files that take long holds up only their own. */
  private readonly decodes = new Semaphore({ total: MAX_CONCURRENT_DECODES, perKey: 1 });
  private readonly uidKey: KeyObject;

  constructor(
    private readonly config: Config,
    private readonly threads: DicomThreads,
  ) {
    this.uidKey = deriveKey(config.JWT_SECRET, 'deidentified-uids');
  }

  /** @throws DomainError UNSUPPORTED_MEDIA_TYPE, UNPROCESSABLE_FILE */
  async take({ path, received, patient, owner }: Incoming, workspace: Workspace): Promise<Taken> {
    const format = await sniff(path);
    assertDeclared(received);
    const decode = (): Promise<Taken> =>
      format === 'DICOM' ? this.dicom(path, patient, workspace) : this.picture(path, format, workspace);
    return this.decodes.run(decode, owner);
  }

  private async picture(path: string, format: PictureFormat, workspace: Workspace): Promise<Taken> {
    const picture = await takePicture(path, format, this.config.SCAN_MAX_PIXELS, workspace);
    const { width, height, bitDepth, channels, isTruncated, quality, served, thumbnail } = picture;
    const dicom = { dicom: null, deidentification: null, patientMismatch: 'NOT_CHECKED', noPicture: null } as const;
    const facts: Facts = { format, width, height, bitDepth, channels, frames: 1, quality, ...dicom };
    return { facts, files: { original: path, served, thumbnail }, isTruncated };
  }

  private async dicom(path: string, patient: PatientRecord, workspace: Workspace): Promise<Taken> {
    const { SCAN_MAX_BYTES: maxBytes, SCAN_MAX_PIXELS: maxPixels, SCAN_MAX_FRAMES: maxFrames } = this.config;
    const options = { maxBytes, maxPixels, maxFrames, uidKey: this.uidKey, patient, threads: this.threads };
    const taken = await takeDicom(path, options, workspace);
    const { format, quality, facts: dicom, deidentification, patientMismatch, noPicture } = taken;
    const { thumbnail, preview, deidentified } = taken;
    const facts: Facts = {
      format: 'DICOM',
      width: format.columns,
      height: format.rows,
      bitDepth: format.bitsStored,
      channels: format.samples,
      frames: format.frames,
      quality,
      dicom,
      deidentification,
      patientMismatch,
      noPicture,
    };
    const files = { served: path, deidentified, ...(thumbnail && preview && { thumbnail, preview }) };
    return { facts, files, isTruncated: false };
  }
}

/** By the first bytes alone; what the content really is, the decoder has the last word on. */
async function sniff(path: string): Promise<Format> {
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(path, { end: SNIFFED_BYTES - 1 }) as AsyncIterable<Buffer>)
    chunks.push(chunk);
  const head = Buffer.concat(chunks);
  const found = await fileTypeFromBuffer(head).catch(() => undefined);
  // What stands in the preamble (an MZ, a TIFF) makes no difference to DICOM, and is blanked.
  const format = (found && FORMAT_OF[found.mime]) ?? (looksLikeDicom(head) ? 'DICOM' : undefined);
  if (!format) throw wrongType('Only PNG, JPEG, WebP and DICOM images are taken.');
  return format;
}
