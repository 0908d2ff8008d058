/** What is done with one attribute: keep, remove, empty, replace by a dummy, map the UID, or go into the sequence. */
export type Action = 'KEEP' | 'REMOVE' | 'EMPTY' | 'REPLACE' | 'MAP_UID' | 'RECURSE';

export const PROFILE = {
  name: 'DICOM PS3.15 Annex E, Basic Application Level Confidentiality Profile',
  /** Table E.1-1 grows with each edition; an allow list needs none of them: what is not known to be safe goes. */
  edition: 'applied as an allow list, stricter than Table E.1-1 of 2025a',
  /** (0012,0064), coding scheme DCM: PS3.16 CID 7050. */
  code: { value: '113100', meaning: 'Basic Application Confidentiality Profile' },
  method: 'CareSlot: PS3.15 basic profile as allow list; pixels not cleaned',
} as const;

/** Attributes that every image must have, but that may be empty (type 2): emptied, so that the copy is still valid. */
const EMPTIED = new Set([
  '00080020', // StudyDate
  '00080023', // ContentDate
  '00080030', // StudyTime
  '00080033', // ContentTime
  '00080050', // AccessionNumber
  '00080070', // Manufacturer
  '00080090', // ReferringPhysicianName
  '00100010', // PatientName
  '00100020', // PatientID
  '00100030', // PatientBirthDate
  '00100040', // PatientSex
  '00180010', // ContrastBolusAgent
  '00200010', // StudyID
  '00201040', // PositionReferenceIndicator
]);

/** Type 1 in the images that have them: a dummy. */
const REPLACED = new Set([
  '00189074', // FrameAcquisitionDateTime
  '00189151', // FrameReferenceDateTime
]);

/** Technical, though of a VR that could hold a text. */
const KEPT = new Set([
  '00080005', // SpecificCharacterSet
  '00080016', // SOPClassUID
]);

/** Technical by group and VR, and named by the profile all the same. */
const REMOVED = new Set([
  '00281055', // WindowCenterWidthExplanation: free text
  '00280303', // LongitudinalTemporalInformationModified: said anew
]);

/** Groups that describe how a picture was taken and how its pixels are to be read. */
const TECHNICAL_GROUPS = new Set(['0008', '0018', '0020', '0028', '0054', '5200']);

/** Numbers and words of fixed lists: no room for a name. Dates, ages and all texts are not among them. */
const TECHNICAL_VRS = new Set(['AT', 'CS', 'DS', 'FD', 'FL', 'IS', 'OF', 'SL', 'SS', 'SV', 'UL', 'US', 'UV', 'xs']);

/** Tables of colours and values, which are part of the picture. */
const BINARY_VRS = new Set(['OB', 'OW', 'ox']);

/** Sequences of technical groups that tell of people, places, procedures or other pictures. */
const REMOVED_SEQUENCES = new Set([
  '00080051', // IssuerOfAccessionNumberSequence
  '00080082', // InstitutionCodeSequence
  '00080096', // ReferringPhysicianIdentificationSequence
  '0008009D', // ConsultingPhysicianIdentificationSequence
  '00080109', // CodingSchemeResourcesSequence
  '00081032', // ProcedureCodeSequence
  '00081041', // InstitutionalDepartmentTypeCodeSequence
  '00081049', // PhysiciansOfRecordIdentificationSequence
  '00081052', // PerformingPhysicianIdentificationSequence
  '00081062', // PhysiciansReadingStudyIdentificationSequence
  '00081072', // OperatorIdentificationSequence
  '00081084', // AdmittingDiagnosesCodeSequence
  '00081110', // ReferencedStudySequence
  '00081111', // ReferencedPerformedProcedureStepSequence
  '00081120', // ReferencedPatientSequence
  '0018A001', // ContributingEquipmentSequence
  '00189506', // ContributingSourcesSequence
]);

/**
 * What to do with an attribute of the copy.
 * @param tag eight hex digits in upper case
 */
export function actionFor(tag: string, vr: string): Action {
  const group = tag.slice(0, 4);
  if (Number.parseInt(group, 16) % 2 === 1) return 'REMOVE';
  if (EMPTIED.has(tag)) return 'EMPTY';
  if (REPLACED.has(tag)) return 'REPLACE';
  if (REMOVED.has(tag)) return 'REMOVE';
  if (KEPT.has(tag)) return 'KEEP';
  if (!TECHNICAL_GROUPS.has(group)) return 'REMOVE';
  if (vr === 'UI') return 'MAP_UID';
  if (vr === 'SQ') return REMOVED_SEQUENCES.has(tag) ? 'REMOVE' : 'RECURSE';
  if (BINARY_VRS.has(vr)) return group === '0028' ? 'KEEP' : 'REMOVE';
  return TECHNICAL_VRS.has(vr) ? 'KEEP' : 'REMOVE';
}

/** Terminologies that are published: their codes and meanings name no person, as those of a private scheme might. */
const PUBLIC_SCHEMES = new Set(['DCM', 'SCT', 'SRT', 'SNM3', 'UCUM', 'LN', 'RADLEX', 'FMA']);

export const isPublicCode = (scheme: string | null): boolean => scheme !== null && PUBLIC_SCHEMES.has(scheme);

const VALUES: Record<string, RegExp> = {
  CS: /^[A-Z0-9_ ]{0,16}$/,
  DS: /^\s*[-+0-9.eE]{0,16}\s*$/,
  IS: /^\s*[-+0-9]{0,12}\s*$/,
  UI: /^[0-9.]{0,64}$/,
};

/** Whether a value is what its VR allows: a name in a code string is one that somebody put there by mistake. */
export const isTechnicalValue = (vr: string, value: unknown): boolean =>
  typeof value !== 'string' || (VALUES[vr]?.test(value.replace(/\0+$/, '')) ?? true);
