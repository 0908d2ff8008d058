/** Loads the dictionary with the first DICOM file, because it needs about 20 MiB. */
export async function loadDictionary(): Promise<Dictionary> {
  const { default: dcmjs } = await import('dcmjs');
  const { dictionary } = dcmjs.data.DicomMetaDictionary;
  return (tag) => {
    const vr = dictionary[`(${tag.slice(0, 4)},${tag.slice(4)})`]?.vr;
    return vr === undefined ? undefined : (AMBIGUOUS[vr] ?? vr);
  };
}

/** Returns the VR of a standard attribute (PS3.6), or undefined if the tag is not in the standard. */
export type Dictionary = (tag: string) => string | undefined;

/** The VRs to use for the dictionary's ambiguous ones, which depend on the pixels (PS3.5 A.1). `xs`, US or SS, stays. */
const AMBIGUOUS: Record<string, string> = { ox: 'OW', lt: 'OW', up: 'UL', na: 'UN' };

/** The VRs of PS3.5 6.2. Those of LONG have a length of 32 bits in explicit VR. */
const LONG = ['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV'];
const SHORT = [
  'AE',
  'AS',
  'AT',
  'CS',
  'DA',
  'DS',
  'DT',
  'FD',
  'FL',
  'IS',
  'LO',
  'LT',
  'PN',
  'SH',
  'SL',
  'SS',
  'ST',
  'TM',
  'UI',
  'UL',
  'US',
];
const LONG_VRS = new Set(LONG);
const VRS = new Set([...LONG, ...SHORT]);

export const isVr = (vr: string): boolean => VRS.has(vr);
export const hasLongLength = (vr: string): boolean => LONG_VRS.has(vr);
