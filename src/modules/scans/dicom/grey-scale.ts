import { getItems, getNumber, TAG, getText, type DicomDataset } from './elements.js';
import { isPacked, readDescriptor } from './lookup-table.js';
import type { PixelFormat } from './pixel-format.js';

/** Converts stored values to greys (PS3.3 C.11.1 modality, C.11.2 values of interest, C.11.6 presentation). */
export interface GreyScale {
  toModality(stored: number): number;
  /** Returns greys of 0 to 1. Null without a valid window or table: then the range of the values is used. */
  toGrey: ((value: number) => number) | null;
  isInverted: boolean;
  isPadding(word: number, stored: number): boolean;
}

interface Table {
  first: number;
  values: number[];
  /** The largest value that an entry can have. */
  max: number;
}

/** X-ray angiography and fluoroscopy: their Modality LUT is not for display (PS3.3 C.8.7.1.1.2). */
const NOT_FOR_DISPLAY = new Set(['1.2.840.10008.5.1.4.1.1.12.1', '1.2.840.10008.5.1.4.1.1.12.2']);

/** Returns null if the file specifies a table or function that is invalid or not supported. */
export function readGreyScale(dataset: DicomDataset, format: PixelFormat): GreyScale | null {
  const toModality = readModality(dataset, format);
  const toGrey = readValuesOfInterest(dataset, format);
  if (toModality === undefined || toGrey === undefined) return null;
  const shape = getText(dataset, TAG.presentationLutShape);
  if (shape !== null && shape !== 'IDENTITY' && shape !== 'INVERSE') return null;
  // MONOCHROME1 and INVERSE mean the same. With both, the image is inverted only once (PS3.3 C.8.11.3).
  const isInverted = format.photometric === 'MONOCHROME1' || shape === 'INVERSE';
  return { toModality, toGrey, isInverted, isPadding: readPadding(dataset, format) };
}

/** Converts stored pixels to greys of 8 bits. Padding is black and does not count for the range. */
export function renderGreys(bytes: Buffer, format: PixelFormat, scale: GreyScale): Uint8Array {
  const isWide = format.bitsAllocated === 16;
  const values = new Float64Array(isWide ? bytes.length / 2 : bytes.length);
  for (let index = 0; index < values.length; index += 1) {
    const word = isWide ? bytes.readUInt16LE(index * 2) : (bytes[index] as number);
    const stored = storedValue(word, format);
    values[index] = scale.isPadding(word, stored) ? NaN : scale.toModality(stored);
  }
  const toGrey = scale.toGrey ?? fullRange(values);
  return Uint8Array.from(values, (value) => {
    if (Number.isNaN(value)) return 0;
    const grey = Math.round(Math.min(Math.max(toGrey(value), 0), 1) * 255);
    return scale.isInverted ? 255 - grey : grey;
  });
}

/** The value of the stored bits, with its sign. */
function storedValue(word: number, { bitsStored, shift, signed }: PixelFormat): number {
  const range = 2 ** Math.min(bitsStored, 16);
  const value = (word >>> shift) % range;
  return signed && value >= range / 2 ? value - range : value;
}

/** Returns undefined if the file specifies an invalid table. */
function readModality(dataset: DicomDataset, { signed }: PixelFormat): GreyScale['toModality'] | undefined {
  const isForDisplay = !NOT_FOR_DISPLAY.has(getText(dataset, TAG.sopClassUid) ?? '');
  const [item] = getItems(dataset, TAG.modalityLutSequence);
  if (item && isForDisplay) {
    const table = readTable(item, signed);
    return table && ((stored) => lookUp(table, stored));
  }
  const source = findRescale(dataset);
  const slope = getNumber(source, TAG.rescaleSlope) ?? 1;
  const intercept = getNumber(source, TAG.rescaleIntercept) ?? 0;
  return (stored) => stored * slope + intercept;
}

/** Returns null without a valid window or table, and undefined if a table is invalid or a function is not supported. */
function readValuesOfInterest(dataset: DicomDataset, format: PixelFormat): GreyScale['toGrey'] | undefined {
  const [item] = getItems(dataset, TAG.voiLutSequence);
  if (item) {
    // A negative intercept can make the values negative, so the first value that the table maps is then signed, too.
    const intercept = getNumber(findRescale(dataset), TAG.rescaleIntercept) ?? 0;
    const table = readTable(item, format.signed || intercept < 0);
    return table && ((value) => lookUp(table, Math.round(value)) / table.max);
  }
  const source = findInFirstFrame(dataset, TAG.frameVoiLutSequence, TAG.windowCenter);
  const center = getNumber(source, TAG.windowCenter);
  const width = getNumber(source, TAG.windowWidth);
  if (center === null || width === null || width <= 0) return null;
  switch (getText(source, TAG.voiLutFunction) ?? 'LINEAR') {
    case 'LINEAR':
      return width >= 1 ? ramp(center - 0.5 - (width - 1) / 2, center - 0.5 + (width - 1) / 2) : null;
    case 'LINEAR_EXACT':
      return ramp(center - width / 2, center + width / 2);
    case 'SIGMOID':
      return (value) => 1 / (1 + Math.exp((-4 * (value - center)) / width));
    default:
      return undefined;
  }
}

/** Black up to `low`, white above `high`, linear between them. */
const ramp =
  (low: number, high: number) =>
  (value: number): number =>
    value <= low ? 0 : value > high ? 1 : (value - low) / (high - low);

/** Uses the range of all values, except padding. */
function fullRange(values: Float64Array): (value: number) => number {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return ramp(low, high);
}

/** Reads a lookup table and its descriptor. Returns undefined if one of them is missing or invalid. */
function readTable(item: DicomDataset, isSigned: boolean): Table | undefined {
  const descriptor = readDescriptor(item, TAG.lutDescriptor);
  const bytes = item[TAG.lutData]?.bytes;
  if (!descriptor || !bytes) return undefined;
  const { count, first, bits } = descriptor;
  const packed = isPacked(bytes, descriptor);
  if (!(bits >= 1 && bits <= 16) || bytes.length < count * (packed ? 1 : 2)) return undefined;
  const values = Array.from({ length: count }, (_, index) =>
    packed ? (bytes[index] as number) : bytes.readUInt16LE(index * 2),
  );
  const isBelowZero = isSigned && first >= 0x8000;
  return { first: isBelowZero ? first - 0x10000 : first, values, max: getMaxEntry(values, bits) };
}

/** The largest value that an entry can have. Many tables state 16 bits but use fewer; some use more bits than they state. */
function getMaxEntry(values: readonly number[], bits: number): number {
  const largest = values.reduce((most, value) => Math.max(most, value), 0);
  const usedBits = Math.max(8, Math.ceil(Math.log2(largest + 1)));
  const isPlausible = bits < 16 && largest < 2 ** bits;
  return 2 ** (isPlausible ? bits : usedBits) - 1;
}

const lookUp = ({ first, values }: Table, value: number): number =>
  values[Math.min(Math.max(value - first, 0), values.length - 1)] as number;

/** Finds the data set that contains the slope and the intercept of the first frame. */
const findRescale = (dataset: DicomDataset): DicomDataset =>
  findInFirstFrame(dataset, TAG.pixelValueTransformationSequence, TAG.rescaleSlope);

/** Finds the data set that contains an attribute of the first frame: the main one, or a functional group (PS3.3 C.7.6.16). */
function findInFirstFrame(dataset: DicomDataset, sequence: string, tag: string): DicomDataset {
  if (tag in dataset) return dataset;
  const groups = [
    getItems(dataset, TAG.perFrameFunctionalGroupsSequence)[0],
    getItems(dataset, TAG.sharedFunctionalGroupsSequence)[0],
  ];
  return groups.map((group) => group && getItems(group, sequence)[0]).find((item) => item && tag in item) ?? dataset;
}

/** PixelPaddingValue, or the range up to PixelPaddingRangeLimit (PS3.3 C.7.5.1.1.2). Its VR may have the wrong sign. */
function readPadding(dataset: DicomDataset, { bitsAllocated, signed }: PixelFormat): GreyScale['isPadding'] {
  const value = getNumber(dataset, TAG.pixelPaddingValue);
  if (value === null) return () => false;
  const range = 2 ** bitsAllocated;
  const withSign = (number: number): number => {
    const word = ((number % range) + range) % range;
    return signed && word >= range / 2 ? word - range : word;
  };
  const limit = getNumber(dataset, TAG.pixelPaddingRangeLimit) ?? value;
  const low = Math.min(withSign(value), withSign(limit));
  const high = Math.max(withSign(value), withSign(limit));
  const isInside = (number: number): boolean => number >= low && number <= high;
  return (word, stored) => isInside(stored) || isInside(withSign(word));
}
