import type { KeyObject } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { Workspace } from '../../../core/storage/spool.js';
import { thumbnailOf } from '../images/picture.js';
import { qualityOf, SIDE, type Quality } from '../images/quality.js';
import { unusable } from '../scan.errors.js';
import { Deidentifier, type Deidentification } from './deidentify.js';
import { readDicom, zeroPreamble, type DicomFile } from './dicom-file.js';
import { numberOf, TAG, textOf } from './elements.js';
import { comparePatient, type PatientMismatch, type PatientRecord } from './patient.js';
import { pixelFormat, renderFrame, whyNoPicture, type NoPicture, type PixelFormat } from './pixels.js';
import { isUid } from './transfer-syntax.js';

/** Facts of the study and the machine, none of the person. */
export interface DicomFacts {
  sopClassUid: string;
  sopInstanceUid: string;
  studyInstanceUid: string;
  seriesInstanceUid: string;
  transferSyntaxUid: string;
  modality: string | null;
  bodyPart: string | null;
  laterality: string | null;
  photometricInterpretation: string;
  bitsStored: number;
  /** Millimetres between rows and columns. */
  pixelSpacing: [number, number] | null;
  burnedInAnnotation: string | null;
}

export interface Dicom {
  facts: DicomFacts;
  format: PixelFormat;
  deidentification: Deidentification;
  patientMismatch: PatientMismatch;
  noPicture: NoPicture | null;
  quality: Quality | null;
  /** Files in the workspace; thumbnail and preview only where there is a picture. */
  deidentified: string;
  thumbnail: string | null;
  preview: string | null;
}

export interface DicomOptions {
  maxBytes: number;
  maxPixels: number;
  maxFrames: number;
  uidKey: KeyObject;
  patient: PatientRecord;
}

/**
 * Takes a DICOM part 10 file: blanks its preamble, reads its tags, and makes the de-identified copy and the pictures.
 * @throws DomainError UNPROCESSABLE_FILE
 */
export async function takeDicom(path: string, options: DicomOptions, workspace: Workspace): Promise<Dicom> {
  await zeroPreamble(path);
  const file = await readDicom(path, options.maxBytes, workspace);
  const facts = factsOf(file);
  const format = pixelFormat(file, options);
  const deidentified = workspace.path('deidentified');
  const deidentification = await new Deidentifier(file, options.uidKey).write(deidentified);
  const noPicture = whyNoPicture(file, format);
  const pictures = noPicture
    ? { quality: null, thumbnail: null, preview: null }
    : await picturesOf(file, format, workspace);
  const patientMismatch = comparePatient(file.dataset, options.patient);
  return { facts, format, deidentification, patientMismatch, noPicture, deidentified, ...pictures };
}

async function picturesOf(
  file: DicomFile,
  format: PixelFormat,
  workspace: Workspace,
): Promise<Pick<Dicom, 'quality' | 'thumbnail' | 'preview'>> {
  const frame = await renderFrame(file, format);
  const thumbnail = workspace.path('thumbnail');
  await writeFile(thumbnail, await thumbnailOf(frame.clone()));
  const preview = workspace.path('preview');
  await frame.clone().png({ compressionLevel: 3 }).toFile(preview);
  const quality = await qualityOf(frame.resize(SIDE, SIDE, { fit: 'inside', withoutEnlargement: true }));
  return { quality, thumbnail, preview };
}

/** @throws DomainError UNPROCESSABLE_FILE where a UID is missing, or the header speaks of another object */
function factsOf({ meta, dataset, transferSyntax }: DicomFile): DicomFacts {
  const uid = (tag: string): string => {
    const value = textOf(dataset, tag);
    if (!isUid(value)) throw unusable('MISSING_UID', 'The file lacks one of the UIDs that every image has.');
    return value;
  };
  const sopClassUid = uid(TAG.sopClassUid);
  const sopInstanceUid = uid(TAG.sopInstanceUid);
  if (textOf(meta, TAG.metaSopClassUid) !== sopClassUid || textOf(meta, TAG.metaSopInstanceUid) !== sopInstanceUid) {
    throw unusable('UID_MISMATCH', 'The header of the file speaks of another object than its content.');
  }
  return {
    sopClassUid,
    sopInstanceUid,
    studyInstanceUid: uid(TAG.studyInstanceUid),
    seriesInstanceUid: uid(TAG.seriesInstanceUid),
    transferSyntaxUid: transferSyntax,
    modality: codeOf(textOf(dataset, TAG.modality)),
    bodyPart: codeOf(textOf(dataset, TAG.bodyPart)),
    laterality: codeOf(textOf(dataset, TAG.laterality)),
    photometricInterpretation: codeOf(textOf(dataset, TAG.photometric)) ?? '',
    bitsStored: numberOf(dataset, TAG.bitsStored) ?? 0,
    pixelSpacing: spacingOf(dataset[TAG.pixelSpacing]?.Value),
    burnedInAnnotation: codeOf(textOf(dataset, TAG.burnedInAnnotation)),
  };
}

/** Only what looks like a code string: whatever else somebody put there stays out of our tables. */
const codeOf = (text: string | null): string | null => (text && /^[A-Z0-9_ ]{1,16}$/.test(text) ? text : null);

function spacingOf(value: unknown[] | undefined): [number, number] | null {
  const [row, column] = (value ?? []).map(Number);
  return row && column && row > 0 && column > 0 ? [row, column] : null;
}
