import type { KeyObject } from 'node:crypto';
import { Deidentifier, type Deidentification } from './deidentify.js';
import { loadDictionary } from './dictionary.js';
import { normalizePreamble, readDicom, type DicomFile } from './dicom-file.js';
import { unusable } from '../scan.errors.js';
import { getCode, getNumber, getNumbers, TAG, getText, type DicomDataset } from './elements.js';
import { DICOM_NOTES, type DicomNote } from './notes.js';
import {
  comparePatient,
  digestPatient,
  type PatientDigest,
  type PatientMismatch,
  type PatientRecord,
} from './patient.js';
import { renderFrame, whyNoPicture, type Frame, type NoPicture } from './pixels.js';
import { readBitsStored, readPixelFormat, type PixelFormat } from './pixel-format.js';
import { isUid, isUidLike } from './transfer-syntax.js';

/** The attributes of the study and the device that are stored. None identifies the patient. */
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
  /** Millimetres between rows and between columns. */
  pixelSpacing: [number, number] | null;
  burnedInAnnotation: string | null;
  seriesNumber: number | null;
  instanceNumber: number | null;
  /** The place of the first pixel in the patient, in millimetres. */
  position: number[] | null;
  /** The directions of the rows and of the columns: two vectors of length 1. */
  orientation: number[] | null;
  /** Millimetres. */
  sliceThickness: number | null;
  /** How the file deviates from the standard, although it could be read. */
  notes: DicomNote[];
}

export interface DicomTask {
  /** The uploaded file, in its own folder. Its preamble is blanked in place. */
  path: string;
  /** The path of the de-identified copy. */
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
  patientDigest: PatientDigest;
  noPicture: NoPicture | null;
  /** The first frame; null if it cannot be rendered. */
  frame: Frame | null;
}

/**
 * Reads a DICOM part 10 file and writes its de-identified copy. Runs in a worker thread, because a malicious file can take minutes.
 * @throws DomainError UNPROCESSABLE_FILE
 */
export async function readAndDeidentify(task: DicomTask): Promise<DicomReading> {
  const dictionary = await loadDictionary();
  const notes = new Set<DicomNote>();
  await normalizePreamble(task.path, notes);
  const file = await readDicom(task.path, task.maxBytes, dictionary, notes);
  const facts = readFacts(file);
  const format = readPixelFormat(file, task);
  const deidentification = await new Deidentifier(file, format, dictionary, task.uidKey).write(task.deidentified);
  const noPicture = whyNoPicture(file, format);
  const frame = noPicture ? null : await renderFrame(file, format);
  return {
    facts,
    format,
    deidentification,
    patientMismatch: comparePatient(file.dataset, task.patient),
    patientDigest: digestPatient(file.dataset, task.uidKey),
    noPicture,
    frame,
  };
}

/** @throws DomainError UNPROCESSABLE_FILE if a UID is missing or invalid, or differs from that in the file meta information */
function readFacts({ meta, dataset, transferSyntax, notes }: DicomFile): DicomFacts {
  const uid = (tag: string): string => {
    const value = getText(dataset, tag);
    if (value === null || !isUidLike(value)) {
      throw unusable('MISSING_UID', 'A UID that every image must have is missing or invalid.');
    }
    if (!isUid(value)) notes.add('UID_FORMAT');
    return value;
  };
  const sopClassUid = uid(TAG.sopClassUid);
  const sopInstanceUid = uid(TAG.sopInstanceUid);
  const differs = (tag: string, expected: string): boolean => (getText(meta, tag) ?? expected) !== expected;
  if (differs(TAG.mediaStorageSopClassUid, sopClassUid) || differs(TAG.mediaStorageSopInstanceUid, sopInstanceUid)) {
    throw unusable('UID_MISMATCH', 'The header of the file has other UIDs than its content.');
  }
  return {
    sopClassUid,
    sopInstanceUid,
    studyInstanceUid: uid(TAG.studyInstanceUid),
    seriesInstanceUid: uid(TAG.seriesInstanceUid),
    transferSyntaxUid: transferSyntax,
    modality: getCode(dataset, TAG.modality),
    bodyPart: getCode(dataset, TAG.bodyPartExamined),
    laterality: getCode(dataset, TAG.laterality),
    photometricInterpretation: getCode(dataset, TAG.photometricInterpretation) ?? '',
    bitsStored: readBitsStored(dataset),
    pixelSpacing: readSpacing(dataset),
    burnedInAnnotation: getCode(dataset, TAG.burnedInAnnotation),
    seriesNumber: readInteger(dataset, TAG.seriesNumber),
    instanceNumber: readInteger(dataset, TAG.instanceNumber),
    position: readVector(dataset, TAG.imagePositionPatient, 3),
    orientation: readVector(dataset, TAG.imageOrientationPatient, 6),
    sliceThickness: getNumber(dataset, TAG.sliceThickness),
    notes: DICOM_NOTES.filter((note) => notes.has(note)),
  };
}

function readSpacing(dataset: DicomDataset): [number, number] | null {
  const [row, column] = getNumbers(dataset, TAG.pixelSpacing);
  return row && column && row > 0 && column > 0 ? [row, column] : null;
}

/** An integer of the VR IS: 32 bits. */
function readInteger(dataset: DicomDataset, tag: string): number | null {
  const number = getNumber(dataset, tag);
  return number !== null && Number.isInteger(number) && Math.abs(number) < 2 ** 31 ? number : null;
}

function readVector(dataset: DicomDataset, tag: string, length: number): number[] | null {
  const numbers = getNumbers(dataset, tag);
  return numbers.length === length && numbers.every((number) => Number.isFinite(number)) ? numbers : null;
}
