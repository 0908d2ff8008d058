import type { DicomDataset } from 'dcmjs';

/** Tags by the names of the DICOM dictionary (PS3.6). */
export const TAG = {
  specificCharacterSet: '00080005',
  imageType: '00080008',
  sopClassUid: '00080016',
  sopInstanceUid: '00080018',
  modality: '00080060',
  codingScheme: '00080102',
  patientName: '00100010',
  patientId: '00100020',
  patientBirthDate: '00100030',
  bodyPart: '00180015',
  studyInstanceUid: '0020000D',
  seriesInstanceUid: '0020000E',
  laterality: '00200060',
  samplesPerPixel: '00280002',
  photometric: '00280004',
  planarConfiguration: '00280006',
  frames: '00280008',
  rows: '00280010',
  columns: '00280011',
  pixelSpacing: '00280030',
  bitsAllocated: '00280100',
  bitsStored: '00280101',
  pixelRepresentation: '00280103',
  burnedInAnnotation: '00280301',
  windowCenter: '00281050',
  windowWidth: '00281051',
  rescaleIntercept: '00281052',
  rescaleSlope: '00281053',
  metaSopClassUid: '00020002',
  metaSopInstanceUid: '00020003',
  metaTransferSyntax: '00020010',
} as const;

/** The first value as text, without padding; null where there is none. */
export function textOf(dataset: DicomDataset, tag: string): string | null {
  const value = dataset[tag]?.Value?.[0];
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : personName(value);
  return text?.replace(/[\0 ]+$/, '').trim() || null;
}

/** The first value, where it looks like a code string: whatever else somebody put there stays out of our tables. */
export function codeOf(dataset: DicomDataset, tag: string): string | null {
  const text = textOf(dataset, tag);
  return text && /^[A-Z0-9_ ]{1,16}$/.test(text) ? text : null;
}

/** The first value as a number; null where there is none. */
export function numberOf(dataset: DicomDataset, tag: string): number | null {
  const text = textOf(dataset, tag);
  const number = Number(text);
  return text === null || !Number.isFinite(number) ? null : number;
}

/** dcmjs gives names as `{ Alphabetic }`. */
function personName(value: unknown): string | null {
  const name = (value as { Alphabetic?: unknown } | null | undefined)?.Alphabetic;
  return typeof name === 'string' ? name : null;
}
