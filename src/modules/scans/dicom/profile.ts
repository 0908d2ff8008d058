/**
 * What to do with an attribute: keep it, keep it if it is one of some terms, remove it, empty it, replace it by a dummy, map its UID,
 * or process the items of its sequence.
 */
export type Action = 'KEEP' | 'TERM' | 'REMOVE' | 'EMPTY' | 'REPLACE' | 'MAP_UID' | 'RECURSE';

export const PROFILE = {
  name: 'DICOM PS3.15 Annex E, Basic Application Level Confidentiality Profile',
  /** An allow list: unlike Table E.1-1, it does not grow with each edition, because all unknown attributes are removed. */
  edition: 'applied as an allow list, stricter than Table E.1-1 of 2025a',
  /** (0012,0064), coding scheme DCM: PS3.16 CID 7050. */
  code: { value: '113100', meaning: 'Basic Application Confidentiality Profile' },
  method: 'CareSlot: PS3.15 basic profile as allow list; pixels not cleaned',
} as const;

/** Attributes that are required but may be empty (type 2). They are emptied, so that the copy stays valid. */
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

/** Texts and times that must not be empty (type 1, or type 1 with another kept attribute). */
const REPLACED: Record<string, string> = {
  '00189074': '19000101000000', // FrameAcquisitionDateTime
  '00189151': '19000101000000', // FrameReferenceDateTime
  '00280A04': 'Removed', // PixelSpacingCalibrationDescription, required with PixelSpacingCalibrationType
};

/** The same for images with functional groups (Enhanced CT, MR, XA and others). */
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

/** The value that replaces a text or time. */
export const dummyFor = (tag: string): string => REPLACED[tag] ?? REPLACED_IN_ENHANCED[tag] ?? '';

const UNITS = ['OD', 'HU', 'US', 'MGML', 'Z_EFF', 'ED', 'EDW', 'HU_MOD', 'PCT'];

/** Technical attributes whose VR or group allows free text. A value that is not allowed is replaced, or removed if `otherwise` is null. */
const TERMS: Record<string, { allowed: RegExp; otherwise: string | null }> = {
  '00080016': { allowed: /^1\.2\.840\.10008\.[0-9.]{1,50}$/, otherwise: null }, // SOPClassUID
  '00209056': { allowed: /^[0-9]{1,4}$/, otherwise: '1' }, // StackID
  '00281054': { allowed: new RegExp(`^(${UNITS.join('|')})$`), otherwise: 'US' }, // RescaleType
  '00283004': { allowed: new RegExp(`^(${UNITS.join('|')})$`), otherwise: 'US' }, // ModalityLUTType
  '20500020': { allowed: /^(IDENTITY|INVERSE|LIN OD)$/, otherwise: null }, // PresentationLUTShape
};

/** The value in the copy of an attribute of TERMS; null if it is removed. */
export function termFor(tag: string, value: string): string | null {
  const term = TERMS[tag];
  return term?.allowed.test(value) ? value : (term?.otherwise ?? null);
}

/** Attributes that are not valid without another attribute, or without at least one of several others. */
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

/** The attributes that each item of a sequence must have. */
export const NEEDED_IN_ITEMS: Record<string, readonly string[]> = {
  '00283000': ['00283002', '00283006'], // ModalityLUTSequence
  '00283010': ['00283002', '00283006'], // VOILUTSequence
  '00289132': ['00281050'], // FrameVOILUTSequence
  '00289145': ['00281053'], // PixelValueTransformationSequence
};

/** Attributes that the profile removes although their group and VR are technical. */
const REMOVED = new Set([
  '00080005', // SpecificCharacterSet: all that is kept is ASCII
  '00281055', // WindowCenterWidthExplanation: free text
  '00280303', // LongitudinalTemporalInformationModified: written anew
]);

/** Groups that describe how the image was taken and how to read its pixels. */
const TECHNICAL_GROUPS = new Set(['0008', '0018', '0020', '0028', '0054', '5200']);

/** VRs of numbers and codes, which cannot contain a name. Dates, ages and texts are not included. */
const TECHNICAL_VRS = new Set(['AT', 'CS', 'DS', 'FD', 'FL', 'IS', 'OF', 'SL', 'SS', 'SV', 'UL', 'US', 'UV', 'xs']);

/** VRs of tables of colours and values, which are needed to display the image. */
const BINARY_VRS = new Set(['OB', 'OW']);

/** Sequences of technical groups that describe people, places, procedures or other images. */
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

/** The patterns of codes of public terminologies. */
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

/** Replaces a required code that is not from a public terminology. */
export const REMOVED_CODE = { value: 'REMOVED', scheme: '99CARESLOT' } as const;

export const isPublicCode = (scheme: string | null, value: string | null): boolean =>
  scheme !== null && value !== null && (PUBLIC_CODES[scheme]?.test(value) ?? false);

/** The attributes of one coded value (PS3.3 table 8.8-1), without the sequence of equivalent codes. */
export const CODE_ATTRIBUTES: ReadonlySet<string> = new Set([
  ...['00080100', '00080119', '00080120', '00080102', '00080103', '00080104', '0008010B', '00080105', '00080106'],
  ...['00080107', '0008010D', '0008010F', '00080117', '00080118', '00080122', '00080123', '00080124'],
]);

const VALUES = {
  CS: /^[A-Z0-9_ ]{0,16}$/,
  DS: /^\s*[-+0-9.eE]{0,16}\s*$/,
  IS: /^\s*[-+0-9]{0,12}\s*$/,
} as const;

/** The technical VRs that are encoded as text: codes and decimal numbers. */
export type TextVr = keyof typeof VALUES;
export const isTextVr = (vr: string): vr is TextVr => Object.hasOwn(VALUES, vr);

/** Whether a value is valid for its VR. A code string with lower-case letters, for example, may be a name. */
export const isTechnicalValue = (vr: TextVr, value: string): boolean => VALUES[vr].test(value);
