/**
 * What is done with one attribute: keep it, keep it where it is one of some terms, remove or empty it, replace it by a
 * dummy, map the UID, or go into the sequence.
 */
export type Action = 'KEEP' | 'TERM' | 'REMOVE' | 'EMPTY' | 'REPLACE' | 'MAP_UID' | 'RECURSE';

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

/** Texts and moments that the images which have them must have (type 1, or 1 beside another that is kept). */
const REPLACED: Record<string, string> = {
  '00189074': '19000101000000', // FrameAcquisitionDateTime
  '00189151': '19000101000000', // FrameReferenceDateTime
  '00280A04': 'Removed', // PixelSpacingCalibrationDescription, required with PixelSpacingCalibrationType
};

/** The same in images of many frames with functional groups (Enhanced CT, MR, XA and others). */
const REPLACED_IN_ENHANCED: Record<string, string> = {
  '0008002A': '19000101000000', // AcquisitionDateTime
  '00080023': '19000101', // ContentDate
  '00080033': '000000', // ContentTime
  '00080070': 'Removed', // Manufacturer
  '00081090': 'Removed', // ManufacturerModelName
  '00181000': 'Removed', // DeviceSerialNumber
  '00181020': 'Removed', // SoftwareVersions
  '00181030': 'Removed', // ProtocolName
  '00189005': 'Removed', // PulseSequenceName
};

/** What stands in place of a removed text or moment. */
export const dummyFor = (tag: string): string => REPLACED[tag] ?? REPLACED_IN_ENHANCED[tag] ?? '';

const UNITS = ['OD', 'HU', 'US', 'MGML', 'Z_EFF', 'ED', 'EDW', 'HU_MOD', 'PCT'];

/**
 * Technical, though of a VR or group that could hold a text: kept where they have one of these values, and else set to
 * the last of them, or removed where that is null.
 */
const TERMS: Record<string, { allowed: RegExp; otherwise: string | null }> = {
  '00080016': { allowed: /^1\.2\.840\.10008\.[0-9.]{1,50}$/, otherwise: null }, // SOPClassUID
  '00209056': { allowed: /^[0-9]{1,4}$/, otherwise: '1' }, // StackID
  '00281054': { allowed: new RegExp(`^(${UNITS.join('|')})$`), otherwise: 'US' }, // RescaleType
  '00283004': { allowed: new RegExp(`^(${UNITS.join('|')})$`), otherwise: 'US' }, // ModalityLUTType
  '20500020': { allowed: /^(IDENTITY|INVERSE|LIN OD)$/, otherwise: null }, // PresentationLUTShape
};

/** The value that stands in the copy, of an attribute that may only have some; null where it is removed. */
export function termFor(tag: string, value: string): string | null {
  const term = TERMS[tag];
  return term?.allowed.test(value) ? value : (term?.otherwise ?? null);
}

/** Attributes that mean nothing, or are not valid, without another (one of the others, where there are several). */
export const PAIRS: readonly (readonly [tag: string, ...needs: string[]])[] = [
  ['00281050', '00281051'], // WindowCenter and WindowWidth
  ['00281051', '00281050'],
  ['00281056', '00281051'], // VOILUTFunction
  ['00281052', '00281053'], // RescaleIntercept and RescaleSlope
  ['00281053', '00281052'],
  ['00281054', '00281053'], // RescaleType
  ['00280121', '00280120'], // PixelPaddingRangeLimit and PixelPaddingValue
  ['00280A02', '00280A04'], // PixelSpacingCalibrationType and its description
  ['00280A04', '00280A02'],
  ['00283002', '00283006'], // LUTDescriptor and LUTData
  ['00283006', '00283002'],
  ['00283004', '00283002'], // ModalityLUTType
  ['00282002', '00282000'], // ColorSpace of the ICCProfile
  ...['1', '2', '3', '4'].flatMap((colour): [string, ...string[]][] => [
    // Palettes: a descriptor and its data, plain or segmented.
    [`0028110${colour}`, `0028120${colour}`, `0028122${colour}`],
    [`0028120${colour}`, `0028110${colour}`],
    [`0028122${colour}`, `0028110${colour}`],
  ]),
];

/** Sequences of which an item without these attributes is not valid. */
export const NEEDED_IN_ITEMS: Record<string, readonly string[]> = {
  '00283000': ['00283002', '00283006'], // ModalityLUTSequence
  '00283010': ['00283002', '00283006'], // VOILUTSequence
  '00289132': ['00281050'], // FrameVOILUTSequence
  '00289145': ['00281053'], // PixelValueTransformationSequence
};

/** Technical by group and VR, and named by the profile all the same. */
const REMOVED = new Set([
  '00080005', // SpecificCharacterSet: all that is kept is ASCII
  '00281055', // WindowCenterWidthExplanation: free text
  '00280303', // LongitudinalTemporalInformationModified: written anew
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
 * @param isEnhanced whether the image has functional groups
 */
export function actionFor(tag: string, vr: string, isEnhanced = false): Action {
  const group = tag.slice(0, 4);
  if (Number.parseInt(group, 16) % 2 === 1) return 'REMOVE';
  if (tag in REPLACED || (isEnhanced && tag in REPLACED_IN_ENHANCED)) return 'REPLACE';
  if (EMPTIED.has(tag)) return 'EMPTY';
  if (REMOVED.has(tag)) return 'REMOVE';
  if (tag in TERMS) return 'TERM';
  if (!TECHNICAL_GROUPS.has(group)) return 'REMOVE';
  if (vr === 'UI') return 'MAP_UID';
  if (vr === 'SQ') return REMOVED_SEQUENCES.has(tag) ? 'REMOVE' : 'RECURSE';
  if (BINARY_VRS.has(vr)) return group === '0028' ? 'KEEP' : 'REMOVE';
  return TECHNICAL_VRS.has(vr) ? 'KEEP' : 'REMOVE';
}

/**
 * Terminologies that are published, and what their codes look like. A meaning is free text and is not kept: what stands
 * in its place is the code.
 */
const PUBLIC_CODES: Record<string, RegExp> = {
  DCM: /^([0-9]{5,6}|[A-Z]{2,6})$/,
  SCT: /^[0-9]{6,18}$/,
  SRT: /^[A-Z][0-9A-F]?-[0-9A-F]{3,6}$/,
  SNM3: /^[A-Z][0-9A-F]?-[0-9A-F]{3,6}$/,
  UCUM: /^(1|%|\/?[kcmunpfMG]?(m|s|g|L|l|Hz|Bq|V|A|Gy|T|Pa|eV|J|W|N|mol|Sv|rad)[0-9]?|min|h|d|deg|Cel|\[hnsf'U\]|mm\[Hg\]|\{counts\}(\/s)?|(kBq|Bq|g|mg|ug)\/m[lL]|mm2\/s|cm\/s)$/,
  LN: /^[0-9]{1,7}-[0-9]$/,
  RADLEX: /^RID[0-9]{1,8}$/,
  FMA: /^[0-9]{1,8}$/,
};

/** A code that is put where a coded value must stand, but the file's own is not of a public terminology. */
export const REMOVED_CODE = { value: 'REMOVED', scheme: '99CARESLOT' } as const;

export const isPublicCode = (scheme: string | null, value: string | null): boolean =>
  scheme !== null && value !== null && (PUBLIC_CODES[scheme]?.test(value) ?? false);

/** The attributes of one coded value (PS3.3 table 8.8-1), without the sequence of equivalent codes. */
export const CODE_ATTRIBUTES: ReadonlySet<string> = new Set([
  ...['00080100', '00080119', '00080120', '00080102', '00080103', '00080104', '0008010B', '00080105', '00080106'],
  ...['00080107', '0008010D', '0008010F', '00080117', '00080118', '00080122', '00080123', '00080124'],
]);

const VALUES: Record<string, RegExp> = {
  CS: /^[A-Z0-9_ ]{0,16}$/,
  DS: /^\s*[-+0-9.eE]{0,16}\s*$/,
  IS: /^\s*[-+0-9]{0,12}\s*$/,
  UI: /^[0-9.]{0,64}$/,
};

/** Whether a value is what its VR allows: a name in a code string is one that somebody put there by mistake. */
export const isTechnicalValue = (vr: string, value: unknown): boolean =>
  typeof value !== 'string' || (VALUES[vr]?.test(value.replace(/\0+$/, '')) ?? true);
