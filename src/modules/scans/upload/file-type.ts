import { createReadStream } from 'node:fs';
import { fileTypeFromBuffer } from 'file-type';
import type { DeclaredType } from '../../../core/http/multipart.js';
import { looksLikeDicom } from '../dicom/dicom-file.js';
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

/** The number of bytes that file-type needs to detect a format. */
const HEAD_BYTES = 4_100;

const FORMATS_BY_TYPE: Record<string, Format> = {
  'image/png': 'PNG',
  'image/apng': 'PNG',
  'image/jpeg': 'JPEG',
  'image/webp': 'WEBP',
  'application/dicom': 'DICOM',
};

/**
 * Detects the format from the first bytes. Does not check whether the content is valid.
 * @throws DomainError UNSUPPORTED_MEDIA_TYPE
 */
export async function detectFormat(path: string): Promise<Format> {
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(path, { end: HEAD_BYTES - 1 }) as AsyncIterable<Buffer>)
    chunks.push(chunk);
  const head = Buffer.concat(chunks);
  const found = await fileTypeFromBuffer(head).catch(() => undefined);
  // The preamble of a DICOM file may contain the signature of another format; it is blanked later.
  const format = (found && FORMATS_BY_TYPE[found.mime]) ?? (looksLikeDicom(head) ? 'DICOM' : undefined);
  if (!format) throw wrongType('Only PNG, JPEG, WebP and DICOM images are accepted.');
  return format;
}

/** File extensions of web pages, scripts, programs, documents and archives. */
const FOREIGN_EXTENSIONS = toPattern(
  ['x?html?', 'xht', 'mht(ml)?', 'svgz?', 'xml', 'xslt?', 'css', 'swf', 'hta'],
  ['[cm]?js', 'wasm', 'php\\d?', 'phtml', 'aspx?', 'jspx?', 'cgi', 'p[ly]', 'rb', 'sh', 'bat', 'cmd', 'vbs?', 'ps1'],
  ['com', 'exe', 'dll', 'msi', 'scr', 'jar', 'apk', 'app', 'lnk', 'reg'],
  ['pdf', 'docm?', 'xlsm?', 'zip', 'rar', '7z', 't?gz', 'tar'],
);
/** Media types of the same, and of audio, video and fonts. */
const FOREIGN_TYPES = toPattern(
  ['text/(?!plain$).*', '.*[/+]xml', '(audio|video|font)/.*'],
  ['application/.*(javascript|ecmascript|msdownload|httpd-php|java-archive|x-sh|wasm).*'],
  ['application/pdf', 'application/(x-)?(zip|gzip|tar).*'],
);

/**
 * Refuses names and types that no image has, such as `x.png.html`. Otherwise the declared name and type are ignored, because phones
 * and mail programs often send wrong ones.
 * @throws DomainError UNSUPPORTED_MEDIA_TYPE
 */
export function assertDeclaredAsImage({ fileName, mimeType }: DeclaredType): void {
  const [type = ''] = mimeType.toLowerCase().split(';');
  if (FOREIGN_TYPES.test(type.trim())) throw wrongType('The form declares a type that is not an image.');
  if (FOREIGN_EXTENSIONS.test(getExtension(fileName) ?? ''))
    throw wrongType('The file name does not belong to an image.');
}

/** The file extension in lower case; null without one. */
function getExtension(fileName: string): string | null {
  const base = fileName.slice(Math.max(fileName.lastIndexOf('/'), fileName.lastIndexOf('\\')) + 1);
  const dot = base.lastIndexOf('.');
  return dot === -1 ? null : base.slice(dot + 1).toLowerCase();
}

function toPattern(...patterns: string[][]): RegExp {
  return new RegExp(`^(${patterns.flat().join('|')})$`);
}
