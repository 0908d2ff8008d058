/** How the elements of a data set are coded (DICOM PS3.5 annex A). */
export const IMPLICIT_LITTLE = '1.2.840.10008.1.2';
export const EXPLICIT_LITTLE = '1.2.840.10008.1.2.1';
export const DEFLATED_LITTLE = '1.2.840.10008.1.2.1.99';
/** Retired in 2006, and not taken. */
export const EXPLICIT_BIG = '1.2.840.10008.1.2.2';

/** Whether the pixels are plain numbers: every other syntax packs them into fragments. */
export const isNative = (syntax: string): boolean =>
  syntax === IMPLICIT_LITTLE || syntax === EXPLICIT_LITTLE || syntax === DEFLATED_LITTLE;

/** A UID of the standard itself: the prefix of every class and syntax, and of no instance. */
export const isStandardUid = (uid: string): boolean => uid.startsWith('1.2.840.10008.');

/** A UID as PS3.5 section 9 has it. */
export const isUid = (value: string): boolean => value.length <= 64 && /^[0-2](\.(0|[1-9]\d*))+$/.test(value);

/** Digits and dots, as every reader takes them: with leading zeros, empty parts or too many characters also. */
export const isUidLike = (value: string): boolean => value.length <= 128 && /^[0-9.]*[0-9][0-9.]*$/.test(value);
