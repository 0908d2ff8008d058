import { createHmac, type KeyObject } from 'node:crypto';
import { asciiDigits } from '../../../core/kernel/plain-text.js';
import { isDay } from '../../../core/kernel/zone.js';
import { decodeText } from './charset.js';
import { getCode, forEachDataset, TAG, getText, getTexts, unpadded, type DicomDataset } from './elements.js';
import { namesAgree } from './names.js';

/** Whether the tags in the file identify another patient than that of the upload. Only the result is stored, not the tags. */
export type PatientMismatch = 'NOT_CHECKED' | 'NONE' | 'MISMATCH';

export interface PatientRecord {
  firstName: string;
  lastName: string;
  /** YYYY-MM-DD */
  dateOfBirth: string | null;
  /** The medical record numbers that clinics assigned. */
  mrns: readonly string[];
}

/** More than three name groups of 64 characters. */
const MAX_TEXT_BYTES = 1024;

/** Keyed hashes of what a file says about its patient, to compare files with each other. Null for a value that it does not have. */
export type PatientDigest = Record<'id' | 'name' | 'birthDate', string | null>;

export function digestPatient(dataset: DicomDataset, key: KeyObject): PatientDigest {
  const text = (tag: string): string => readText(dataset, tag);
  const digest = (value: string | null): string | null =>
    value ? createHmac('sha256', key).update(value).digest('base64url') : null;
  return {
    id: digest(foldId(text(TAG.patientId))),
    name: digest(foldId(toComparableName(text(TAG.patientName)))),
    birthDate: digest(parseBirthDate(getText(dataset, TAG.patientBirthDate) ?? '')),
  };
}

/** Whether two files cannot be of one patient, because both have a value and the values differ. */
export const isOtherPatient = (one: PatientDigest, other: PatientDigest): boolean =>
  (['id', 'name', 'birthDate'] as const).some((key) => one[key] && other[key] && one[key] !== other[key]);

/** Compares the birth dates, ids and names that both the file and the record contain. */
export function comparePatient(dataset: DicomDataset, patient: PatientRecord): PatientMismatch {
  // A de-identified file does not name its patient.
  if (getCode(dataset, TAG.patientIdentityRemoved) === 'YES') return 'NOT_CHECKED';
  const text = (tag: string): string => readText(dataset, tag);
  const birth = parseBirthDate(getText(dataset, TAG.patientBirthDate) ?? '');
  const id = foldId(text(TAG.patientId));
  const agreements: (boolean | null)[] = [
    birth && patient.dateOfBirth ? birth === patient.dateOfBirth : null,
    id && patient.mrns.length > 0 ? patient.mrns.some((mrn) => foldId(mrn) === id) : null,
    namesAgree(toComparableName(text(TAG.patientName)), `${patient.lastName} ${patient.firstName}`),
  ];
  if (agreements.every((agreement) => agreement === null)) return 'NOT_CHECKED';
  return agreements.includes(false) ? 'MISMATCH' : 'NONE';
}

function readText(dataset: DicomDataset, tag: string): string {
  const declared = getTexts(dataset, TAG.specificCharacterSet);
  return decodeText(unpadded((dataset[tag]?.bytes ?? Buffer.alloc(0)).subarray(0, MAX_TEXT_BYTES)), declared);
}

/**
 * Family, given and middle names of all component groups: alphabetic, ideographic and phonetic (PS3.5 6.2.1). Prefix and
 * suffix are left out.
 */
const toComparableName = (name: string): string =>
  name
    .split('=')
    .flatMap((group) => group.split('^').slice(0, 3))
    .join(' ');

const EARLIEST_YEAR = 1880;
const LATEST_YEAR = 2100;
/** A default of devices for an unknown date. */
const NO_DATE = '1900-01-01';

/**
 * Parses `YYYYMMDD`, the older form `YYYY.MM.DD`, and the same with `-` and `/`.
 * @returns YYYY-MM-DD; null if it is not a plausible date of birth
 */
export function parseBirthDate(text: string): string | null {
  const parts = /^(\d{4})([./-]?)(\d{2})\2(\d{2})$/.exec(asciiDigits(text));
  if (!parts) return null;
  const [, year, , month, day] = parts;
  const date = `${year}-${month}-${day}`;
  const isPlausible = Number(year) >= EARLIEST_YEAR && Number(year) <= LATEST_YEAR && date !== NO_DATE;
  return isPlausible && isDay(date) ? date : null;
}

/** The letters and digits of an id; empty for a placeholder. */
function foldId(id: string): string {
  const folded = asciiDigits(id.normalize('NFKC'))
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
  return /^(0*|unknown|none|null|na|anon\p{L}*)$/u.test(folded) ? '' : folded;
}

/** Attributes beside person names (PN) that identify the patient or the study: name, id, accession number. */
const IDENTIFIERS = new Set<string>([TAG.patientName, TAG.patientId, TAG.accessionNumber]);

/**
 * The words of the person names in a data set and of IDENTIFIERS, in upper case as in code strings. The parser keeps no values of private
 * groups and of some public ones, so names that are only there are missing. Ignores words of less than three letters and short numbers.
 */
export function identifyingWords(dataset: DicomDataset): string[] {
  const declared = getTexts(dataset, TAG.specificCharacterSet);
  const names: string[] = [];
  forEachDataset(dataset, (each) => {
    for (const [tag, { vr, bytes }] of Object.entries(each)) {
      if (vr !== 'PN' && !IDENTIFIERS.has(tag)) continue;
      names.push(
        ...decodeText(bytes.subarray(0, MAX_TEXT_BYTES), declared)
          .normalize('NFKD')
          .replace(/\p{M}/gu, '')
          .toUpperCase()
          .split(/[^A-Z0-9]+/),
      );
    }
  });
  return names.filter((name) => name.length >= 3 && !/^[0-9]{1,4}$/.test(name));
}
