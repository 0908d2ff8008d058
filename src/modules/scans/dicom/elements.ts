/** An attribute as it is encoded in the file. */
export interface DicomElement {
  vr: string;
  /** The value; empty for a sequence. */
  bytes: Buffer;
  /** The items of a sequence; null for other VRs. */
  items: DicomDataset[] | null;
}

/** Attributes by tag: eight hexadecimal digits in upper case. */
export type DicomDataset = Record<string, DicomElement>;

/** Tags by their keywords in the DICOM dictionary (PS3.6), in camel case. */
export const TAG = {
  fileMetaInformationGroupLength: '00020000',
  mediaStorageSopClassUid: '00020002',
  mediaStorageSopInstanceUid: '00020003',
  transferSyntaxUid: '00020010',
  specificCharacterSet: '00080005',
  sopClassUid: '00080016',
  sopInstanceUid: '00080018',
  accessionNumber: '00080050',
  modality: '00080060',
  codeValue: '00080100',
  codingSchemeDesignator: '00080102',
  codeMeaning: '00080104',
  patientName: '00100010',
  patientId: '00100020',
  patientBirthDate: '00100030',
  patientIdentityRemoved: '00120062',
  deidentificationMethod: '00120063',
  deidentificationMethodCodeSequence: '00120064',
  bodyPartExamined: '00180015',
  sliceThickness: '00180050',
  studyInstanceUid: '0020000D',
  seriesInstanceUid: '0020000E',
  seriesNumber: '00200011',
  instanceNumber: '00200013',
  imagePositionPatient: '00200032',
  imageOrientationPatient: '00200037',
  laterality: '00200060',
  samplesPerPixel: '00280002',
  photometricInterpretation: '00280004',
  planarConfiguration: '00280006',
  numberOfFrames: '00280008',
  frameIncrementPointer: '00280009',
  rows: '00280010',
  columns: '00280011',
  pixelSpacing: '00280030',
  bitsAllocated: '00280100',
  bitsStored: '00280101',
  highBit: '00280102',
  pixelRepresentation: '00280103',
  pixelPaddingValue: '00280120',
  pixelPaddingRangeLimit: '00280121',
  burnedInAnnotation: '00280301',
  recognizableVisualFeatures: '00280302',
  longitudinalTemporalInformationModified: '00280303',
  windowCenter: '00281050',
  windowWidth: '00281051',
  rescaleIntercept: '00281052',
  rescaleSlope: '00281053',
  rescaleType: '00281054',
  voiLutFunction: '00281056',
  iccProfile: '00282000',
  modalityLutSequence: '00283000',
  lutDescriptor: '00283002',
  modalityLutType: '00283004',
  lutData: '00283006',
  voiLutSequence: '00283010',
  frameVoiLutSequence: '00289132',
  pixelValueTransformationSequence: '00289145',
  presentationLutShape: '20500020',
  sharedFunctionalGroupsSequence: '52009229',
  perFrameFunctionalGroupsSequence: '52009230',
} as const;

const NUMBERS: Record<string, { size: number; read(bytes: Buffer, offset: number): number }> = {
  US: { size: 2, read: (bytes, offset) => bytes.readUInt16LE(offset) },
  xs: { size: 2, read: (bytes, offset) => bytes.readUInt16LE(offset) },
  OW: { size: 2, read: (bytes, offset) => bytes.readUInt16LE(offset) },
  SS: { size: 2, read: (bytes, offset) => bytes.readInt16LE(offset) },
  UL: { size: 4, read: (bytes, offset) => bytes.readUInt32LE(offset) },
  SL: { size: 4, read: (bytes, offset) => bytes.readInt32LE(offset) },
  FL: { size: 4, read: (bytes, offset) => bytes.readFloatLE(offset) },
  FD: { size: 8, read: (bytes, offset) => bytes.readDoubleLE(offset) },
};

/** Removes the padding at the end. */
export function unpadded(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0 || bytes[end - 1] === 0x20)) end -= 1;
  return bytes.subarray(0, end);
}

/** All values as ASCII texts without padding. Empty if the attribute is missing or a sequence. */
export function getTexts(dataset: DicomDataset, tag: string): string[] {
  const found = dataset[tag];
  if (!found || found.items || found.bytes.length === 0) return [];
  if (NUMBERS[found.vr]) return getNumbers(dataset, tag).map(String);
  return found.bytes
    .toString('latin1')
    .split('\\')
    .map((text) => text.replace(/^[\0 ]+|[\0 ]+$/g, ''));
}

/** The first value as text, or null. */
export const getText = (dataset: DicomDataset, tag: string): string | null => getTexts(dataset, tag)[0] || null;

/** The first value if it is a valid code string, otherwise null. Free text must not be stored in our tables. */
export function getCode(dataset: DicomDataset, tag: string): string | null {
  const text = getText(dataset, tag);
  return text && /^[A-Z0-9_ ]{1,16}$/.test(text) ? text : null;
}

/** All values as numbers. NaN for values that are not numbers. */
export function getNumbers(dataset: DicomDataset, tag: string): number[] {
  const found = dataset[tag];
  if (!found || found.items) return [];
  const binary = NUMBERS[found.vr];
  if (!binary) return getTexts(dataset, tag).map((text) => (text === '' ? NaN : Number(text)));
  const count = Math.floor(found.bytes.length / binary.size);
  return Array.from({ length: count }, (_, index) => binary.read(found.bytes, index * binary.size));
}

/** The first value as a number, or null. */
export function getNumber(dataset: DicomDataset, tag: string): number | null {
  const number = getNumbers(dataset, tag)[0];
  return number !== undefined && Number.isFinite(number) ? number : null;
}

/** The items of a sequence. Empty if the attribute is missing or not a sequence. */
export const getItems = (dataset: DicomDataset, tag: string): DicomDataset[] => dataset[tag]?.items ?? [];

/** Creates an element with an ASCII text. */
export const textElement = (vr: string, text: string): DicomElement => ({
  vr,
  bytes: Buffer.from(text, 'latin1'),
  items: null,
});

/** Runs the work on the data set and on all items of its sequences. */
export function forEachDataset(dataset: DicomDataset, work: (dataset: DicomDataset) => void): void {
  work(dataset);
  for (const { items } of Object.values(dataset)) items?.forEach((item) => forEachDataset(item, work));
}
