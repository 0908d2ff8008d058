/** In what a file departs from the standard, or uses the rarer of its forms, and was read all the same. */
export const DICOM_NOTES = [
  /** The file begins with its header; the served copy has the 128 bytes and `DICM` before it. */
  'PREAMBLE_MISSING',
  /** The header lacks its length, states a wrong one, or lacks an attribute that it must have. */
  'HEADER_INCOMPLETE',
  /** Elements are coded with a VR where the transfer syntax has none, or without one where it has. */
  'VR_ENCODING',
  /** A sequence of VR UN and undefined length (PS3.5 6.2.2), which some readers stop at. */
  'UNKNOWN_SEQUENCE',
  /** A UID has leading zeros, empty parts or too many characters. */
  'UID_FORMAT',
  /** A value has an odd number of bytes. */
  'ODD_LENGTH',
  /** Elements are not in the order of their tags. */
  'ELEMENT_ORDER',
  /** A sequence, an item or the fragments of the pixels end otherwise than they should. */
  'DELIMITERS',
  /** A private sequence could not be read. It is in the served file as it came. */
  'PRIVATE_SEQUENCE_UNREADABLE',
  /** Bytes behind the data set belong to no element. They were dropped. */
  'TRAILING_BYTES_DROPPED',
] as const;
export type DicomNote = (typeof DICOM_NOTES)[number];
