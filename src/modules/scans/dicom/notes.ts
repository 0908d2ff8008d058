/** How a file that could be read deviates from the standard, or which rare form of it the file uses. */
export const DICOM_NOTES = [
  /** The file begins with its header; the preamble of 128 bytes and `DICM` were added to the served file. */
  'PREAMBLE_MISSING',
  /** The length of the header is missing or wrong, or a required attribute is missing. */
  'HEADER_INCOMPLETE',
  /** Elements have a VR although the transfer syntax has none, or have none although it has. */
  'VR_ENCODING',
  /** There is a sequence of VR UN and undefined length (PS3.5 6.2.2), which some readers do not support. */
  'UNKNOWN_SEQUENCE',
  /** A UID has leading zeros, empty parts or too many characters. */
  'UID_FORMAT',
  /** A value has an odd number of bytes. */
  'ODD_LENGTH',
  /** Elements are not in the order of their tags. */
  'ELEMENT_ORDER',
  /** The delimiter of a sequence, an item or the fragments of the pixels is missing or wrong. */
  'DELIMITERS',
  /** A private sequence could not be read. It stays unchanged in the served file. */
  'PRIVATE_SEQUENCE_UNREADABLE',
  /** Bytes after the data set were removed; inside of a deflated data set, they stay in the served file. */
  'TRAILING_BYTES_DROPPED',
] as const;
export type DicomNote = (typeof DICOM_NOTES)[number];
