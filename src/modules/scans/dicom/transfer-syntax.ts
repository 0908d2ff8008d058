/** Transfer syntaxes: the encodings of a data set (DICOM PS3.5 annex A). */
export const IMPLICIT_LITTLE = '1.2.840.10008.1.2';
export const EXPLICIT_LITTLE = '1.2.840.10008.1.2.1';
export const DEFLATED_LITTLE = '1.2.840.10008.1.2.1.99';
/** Retired in 2006; not supported. */
export const EXPLICIT_BIG = '1.2.840.10008.1.2.2';

/** Whether the pixels are uncompressed. Other syntaxes store them as fragments. */
export const isNative = (syntax: string): boolean =>
  syntax === IMPLICIT_LITTLE || syntax === EXPLICIT_LITTLE || syntax === DEFLATED_LITTLE;

/** Whether the UID has the root of the standard: those of classes and syntaxes. Instances should have other roots; this is not checked. */
export const isStandardUid = (uid: string): boolean => uid.startsWith('1.2.840.10008.');

/** Whether the UID is valid by PS3.5 section 9. */
export const isUid = (value: string): boolean => value.length <= 64 && /^[0-2](\.(0|[1-9]\d*))+$/.test(value);

/** Whether common readers accept the UID: also with leading zeros, empty parts or too many characters. */
export const isUidLike = (value: string): boolean => value.length <= 128 && /^[0-9.]*[0-9][0-9.]*$/.test(value);
