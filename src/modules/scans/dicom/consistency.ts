import { forEachDataset, getItems, TAG, type DicomDataset } from './elements.js';
import { PAIRS } from './profile.js';

/** Keeps a de-identified data set valid: attributes that depend on others are kept or removed together. */

const DIMENSION_INDEX = '00209222';
const DIMENSION_POINTERS = ['00209165', '00209167'];
const DIMENSION_VALUES = '00209157';
/** Tables of greys and colours: the tag of the descriptor by the tag of the data. */
export const TABLES: Record<string, string> = {
  [TAG.lutData]: TAG.lutDescriptor,
  '00281201': '00281101',
  '00281202': '00281102',
  '00281203': '00281103',
  '00281204': '00281104',
};

/** Removes attributes that are not valid without another one, if that one is missing or empty. */
export function dropIncompletePairs(cleaned: DicomDataset): void {
  const isMissing = (tag: string): boolean => !cleaned[tag] || cleaned[tag].bytes.length === 0;
  // Twice: an attribute that is removed may itself be needed by another one.
  for (const [tag, ...needed] of [...PAIRS, ...PAIRS]) {
    if (isMissing(tag) || needed.every(isMissing)) delete cleaned[tag];
  }
}

/** Removes pointers to attributes that are not in the copy, and the dimension values that depend on them. */
export function dropDanglingPointers(cleaned: DicomDataset): void {
  const all = new Set<string>();
  forEachDataset(cleaned, (dataset) => Object.keys(dataset).forEach((tag) => all.add(tag)));
  const targets = (dataset: DicomDataset, tag: string): string[] => {
    const { bytes } = dataset[tag] ?? { bytes: Buffer.alloc(0) };
    return Array.from({ length: bytes.length >> 2 }, (_, index) => pointerAt(bytes, index * 4));
  };
  if (targets(cleaned, TAG.frameIncrementPointer).some((tag) => !all.has(tag)))
    delete cleaned[TAG.frameIncrementPointer];
  const isDangling = getItems(cleaned, DIMENSION_INDEX).some((item) =>
    DIMENSION_POINTERS.some((pointer) => targets(item, pointer).some((tag) => !all.has(tag))),
  );
  if (!isDangling) return;
  cleaned[DIMENSION_INDEX] = { vr: 'SQ', bytes: Buffer.alloc(0), items: [] };
  forEachDataset(cleaned, (dataset) => delete dataset[DIMENSION_VALUES]);
}

function pointerAt(bytes: Buffer, offset: number): string {
  const hex = (at: number): string => bytes.readUInt16LE(at).toString(16).toUpperCase().padStart(4, '0');
  return hex(offset) + hex(offset + 2);
}
