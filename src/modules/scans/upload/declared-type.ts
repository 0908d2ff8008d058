import { wrongType } from '../scan.errors.js';

export const FORMATS = ['PNG', 'JPEG', 'WEBP', 'DICOM'] as const;
export type Format = (typeof FORMATS)[number];

export const CONTENT_TYPE: Record<Format, string> = {
  PNG: 'image/png',
  JPEG: 'image/jpeg',
  WEBP: 'image/webp',
  DICOM: 'application/dicom',
};

export const EXTENSION: Record<Format, string> = { PNG: 'png', JPEG: 'jpg', WEBP: 'webp', DICOM: 'dcm' };

const EXTENSIONS: Record<Format, RegExp> = {
  PNG: /^png$/,
  JPEG: /^(jpe?g|jpe|jfif)$/,
  WEBP: /^webp$/,
  // Files of scanners end in the digits of a UID or in nothing at all.
  DICOM: /^(dcm|dicom|dic|ima|img|\d+)$/,
};

const DECLARED: Record<Format, RegExp> = {
  PNG: /^image\/(x-)?png$/,
  JPEG: /^image\/(jpeg|jpg|pjpeg)$/,
  WEBP: /^image\/webp$/,
  DICOM: /^(application|image)\/(x-)?dicom$/,
};

/** What clients send that do not know: busboy says text/plain where there is no header. */
const SAYS_NOTHING = new Set(['', 'application/octet-stream', 'binary/octet-stream', 'text/plain']);

export interface Declared {
  fileName: string;
  mimeType: string;
}

/**
 * The content decides the type, but a name or header that says something else is a lie, and lies are refused: nobody
 * has an honest reason for `x.png.html`. A picture must be declared as one in at least one way; DICOM need not be.
 * @throws DomainError UNSUPPORTED_MEDIA_TYPE
 */
export function assertDeclared(format: Format, { fileName, mimeType }: Declared): void {
  const mime = mimeType.toLowerCase();
  const extension = extensionOf(fileName);
  const saysType = !SAYS_NOTHING.has(mime);
  if (saysType && !DECLARED[format].test(mime))
    throw wrongType('The content is not of the type that the form declares.');
  if (extension !== null && !EXTENSIONS[format].test(extension)) {
    throw wrongType('The content is not of the type that the file name ends in.');
  }
  if (!saysType && extension === null && format !== 'DICOM') {
    throw wrongType('Neither the name nor the header says what kind of picture it is.');
  }
}

/** In lower case; null where the name has none. */
function extensionOf(fileName: string): string | null {
  const base = fileName.slice(Math.max(fileName.lastIndexOf('/'), fileName.lastIndexOf('\\')) + 1);
  const dot = base.lastIndexOf('.');
  return dot === -1 ? null : base.slice(dot + 1).toLowerCase();
}
