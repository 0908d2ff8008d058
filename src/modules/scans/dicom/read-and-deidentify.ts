import type { KeyObject } from 'node:crypto';
import { Deidentifier, type Deidentification } from './deidentify.js';
import { loadDictionary } from './dictionary.js';
import { normalizePreamble, readDicom, type DicomFile } from './dicom-file.js';
import { unusable } from '../scan.errors.js';
import { getCode, getNumber, getNumbers, TAG, getText, type DicomDataset } from './elements.js';
import { DICOM_NOTES, type DicomNote } from './notes.js';
import { comparePatient, type PatientMismatch, type PatientRecord } from './patient.js';
import { pixelFormat, renderFrame, whyNoPicture, type Frame, type NoPicture, type PixelFormat } from './pixels.js';
import { isUid, isUidLike } from './transfer-syntax.js';

/** What the file says of the study and the machine; nothing about the person. */
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
  /** How the file departs from the standard, although it could be read. */
  notes: DicomNote[];
}

export interface DicomTask {
  /** The uploaded file, in its own folder. Its preamble is blanked in place. */
  path: string;
  /** Where the de-identified copy goes. */
  deidentified: string;
  maxBytes: number;
  maxPixels: number;
  maxFrames: number;
  uidKey: KeyObject;
  patient: PatientRecord;
}

export interface DicomReading {
  facts: DicomFacts;
  format: PixelFormat;
  deidentification: Deidentification;
  patientMismatch: PatientMismatch;
  noPicture: NoPicture | null;
  /** The first frame; null where there is no picture. */
  frame: Frame | null;
}

/**
 * Reads a DICOM part 10 file and writes its de-identified copy. Runs in a worker thread, since a malicious file can take very
 * long.
 * @throws DomainError UNPROCESSABLE_FILE
 */
export async function readAndDeidentify(task: DicomTask): Promise<DicomReading> {
  const dictionary = await loadDictionary();
  const notes = new Set<DicomNote>();
  await normalizePreamble(task.path, notes);
  const file = await readDicom(task.path, task.maxBytes, dictionary, notes);
  const facts = readFacts(file);
  const format = pixelFormat(file, task);
  const deidentification = await new Deidentifier(file, format, dictionary, task.uidKey).write(task.deidentified);
  const noPicture = whyNoPicture(file, format);
  const frame = noPicture ? null : await renderFrame(file, format);
  return {
    facts,
    format,
    deidentification,
    patientMismatch: comparePatient(file.dataset, task.patient),
    noPicture,
    frame,
  };
}

/** @throws DomainError UNPROCESSABLE_FILE if a UID is missing, or the header names another object */
function readFacts({ meta, dataset, transferSyntax, notes }: DicomFile): DicomFacts {
  const uid = (tag: string): string => {
    const value = getText(dataset, tag);
    if (value === null || !isUidLike(value)) {
      throw unusable('MISSING_UID', 'The file lacks one of the UIDs that every image has.');
    }
    if (!isUid(value)) notes.add('UID_FORMAT');
    return value;
  };
  const sopClassUid = uid(TAG.sopClassUid);
  const sopInstanceUid = uid(TAG.sopInstanceUid);
  const isOther = (tag: string, expected: string): boolean => (getText(meta, tag) ?? expected) !== expected;
  if (isOther(TAG.metaSopClassUid, sopClassUid) || isOther(TAG.metaSopInstanceUid, sopInstanceUid)) {
    throw unusable('UID_MISMATCH', 'The header of the file names another object than its content.');
  }
  return {
    sopClassUid,
    sopInstanceUid,
    studyInstanceUid: uid(TAG.studyInstanceUid),
    seriesInstanceUid: uid(TAG.seriesInstanceUid),
    transferSyntaxUid: transferSyntax,
    modality: getCode(dataset, TAG.modality),
    bodyPart: getCode(dataset, TAG.bodyPart),
    laterality: getCode(dataset, TAG.laterality),
    photometricInterpretation: getCode(dataset, TAG.photometric) ?? '',
    bitsStored: getNumber(dataset, TAG.bitsStored) ?? 0,
    pixelSpacing: readSpacing(dataset),
    burnedInAnnotation: getCode(dataset, TAG.burnedInAnnotation),
    notes: DICOM_NOTES.filter((note) => notes.has(note)),
  };
}

function readSpacing(dataset: DicomDataset): [number, number] | null {
  const [row, column] = getNumbers(dataset, TAG.pixelSpacing);
  return row && column && row > 0 && column > 0 ? [row, column] : null;
}
