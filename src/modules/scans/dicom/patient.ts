import type { DicomDataset } from 'dcmjs';
import { TAG, textOf } from './elements.js';

/** Whether the file's own tags speak of the patient that it was handed in for. Only this is kept, never the tags. */
export const PATIENT_CHECKS = ['NOT_CHECKED', 'NONE', 'MISMATCH'] as const;
export type PatientMismatch = (typeof PATIENT_CHECKS)[number];

export interface PatientRecord {
  firstName: string;
  lastName: string;
  /** YYYY-MM-DD */
  dateOfBirth: string | null;
  /** One of each clinic that gave one. */
  mrns: readonly string[];
}

/** Compares what both sides have. Names agree where one part of them does: order, titles and spelling vary too much. */
export function comparePatient(dataset: DicomDataset, patient: PatientRecord): PatientMismatch {
  const birth = textOf(dataset, TAG.patientBirthDate);
  const name = textOf(dataset, TAG.patientName);
  const id = textOf(dataset, TAG.patientId);
  const agreements: boolean[] = [];
  if (birth && patient.dateOfBirth) agreements.push(birth === patient.dateOfBirth.replaceAll('-', ''));
  if (id && patient.mrns.length > 0) agreements.push(patient.mrns.some((mrn) => folded(id) === folded(mrn)));
  if (name) agreements.push(shareAPart(name, `${patient.firstName} ${patient.lastName}`));
  if (agreements.length === 0) return 'NOT_CHECKED';
  return agreements.every(Boolean) ? 'NONE' : 'MISMATCH';
}

function shareAPart(one: string, other: string): boolean {
  const parts = new Set(partsOf(other));
  return partsOf(one).some((part) => parts.has(part));
}

const partsOf = (name: string): string[] =>
  folded(name)
    .split(/[\s^=,.-]+/)
    .filter(Boolean);

const folded = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().trim();
