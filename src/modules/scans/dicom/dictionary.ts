/** Loaded with the first DICOM file: the dictionary alone takes some 20 MiB. */
export async function loadDictionary(): Promise<Dictionary> {
  const { default: dcmjs } = await import('dcmjs');
  const { dictionary } = dcmjs.data.DicomMetaDictionary;
  return (tag) => {
    const vr = dictionary[`(${tag.slice(0, 4)},${tag.slice(4)})`]?.vr;
    return vr === undefined ? undefined : (AMBIGUOUS[vr] ?? vr);
  };
}

/** The VR of a standard attribute by PS3.6; undefined where the standard does not know the tag. */
export type Dictionary = (tag: string) => string | undefined;

/** Attributes that have one VR or another, by what the pixels are (PS3.5 A.1). `xs` is US or SS. */
const AMBIGUOUS: Record<string, string> = { ox: 'OW', lt: 'OW', up: 'UL', na: 'UN' };

/** A VR of PS3.5 6.2, and whether its length has 32 bits in explicit VR. */
const LONG = ['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV'];
const SHORT = ['AE', 'AS', 'AT', 'CS', 'DA', 'DS', 'DT', 'FD', 'FL', 'IS', 'LO', 'LT', 'PN', 'SH', 'SL', 'SS'];
const LONG_VRS = new Set(LONG);
const VRS = new Set([...LONG, ...SHORT, 'ST', 'TM', 'UI', 'UL', 'US']);

export const isVr = (vr: string): boolean => VRS.has(vr);
export const hasLongLength = (vr: string): boolean => LONG_VRS.has(vr);
