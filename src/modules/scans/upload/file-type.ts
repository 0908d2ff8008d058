import { createReadStream } from 'node:fs';
import { fileTypeFromBuffer } from 'file-type';
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

/** file-type needs no more than these to recognize a file. */
const HEAD_BYTES = 4_100;

const FORMATS_BY_TYPE: Record<string, Format> = {
  'image/png': 'PNG',
  'image/apng': 'PNG',
  'image/jpeg': 'JPEG',
  'image/webp': 'WEBP',
  'application/dicom': 'DICOM',
};

/**
 * Detects the format from the first bytes. Whether the content is valid, the decoder finds out.
 * @throws DomainError UNSUPPORTED_MEDIA_TYPE
 */
export async function detectFormat(path: string): Promise<Format> {
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(path, { end: HEAD_BYTES - 1 }) as AsyncIterable<Buffer>)
    chunks.push(chunk);
  const head = Buffer.concat(chunks);
  const found = await fileTypeFromBuffer(head).catch(() => undefined);
  // A DICOM file may have anything in its preamble (MZ, TIFF); it is blanked later.
  const format = (found && FORMATS_BY_TYPE[found.mime]) ?? (looksLikeDicom(head) ? 'DICOM' : undefined);
  if (!format) throw wrongType('Only PNG, JPEG, WebP and DICOM images are accepted.');
  return format;
}

/** File extensions of content that a browser or computer runs, and of documents and archives. */
const FOREIGN_EXTENSIONS =
  /^(x?html?|xht|mht(ml)?|svgz?|xml|xslt?|[cm]?js|wasm|css|php\d?|phtml|aspx?|jspx?|cgi|p[ly]|rb|sh|bat|cmd|com|exe|dll|msi|scr|vbs?|ps1|jar|apk|app|hta|lnk|reg|swf|pdf|zip|rar|7z|t?gz|tar|docm?|xlsm?)$/;
const FOREIGN_TYPES =
  /^(text\/(?!plain$).*|.*[/+]xml|application\/(.*(javascript|ecmascript|msdownload|httpd-php|java-archive|x-sh|wasm).*|pdf|(x-)?(zip|gzip|tar).*)|(audio|video|font)\/.*)$/;

/** Name and type of the file, as the form states them. */
export interface DeclaredType {
  fileName: string;
  mimeType: string;
}

/**
 * The content decides which of the accepted formats a file has: phones and mail programs often send another name and type,
 * or none. Refused is only a name or type that no image has, such as `x.png.html`.
 * @throws DomainError UNSUPPORTED_MEDIA_TYPE
 */
export function assertDeclaredAsImage({ fileName, mimeType }: DeclaredType): void {
  const [type = ''] = mimeType.toLowerCase().split(';');
  if (FOREIGN_TYPES.test(type.trim())) throw wrongType('The form declares a type that is not an image.');
  if (FOREIGN_EXTENSIONS.test(getExtension(fileName) ?? ''))
    throw wrongType('The file name does not belong to an image.');
}

/** In lower case; null if the name has none. */
function getExtension(fileName: string): string | null {
  const base = fileName.slice(Math.max(fileName.lastIndexOf('/'), fileName.lastIndexOf('\\')) + 1);
  const dot = base.lastIndexOf('.');
  return dot === -1 ? null : base.slice(dot + 1).toLowerCase();
}
