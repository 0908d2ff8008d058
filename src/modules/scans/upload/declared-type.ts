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

/** Endings of content that a browser or a computer runs, or that holds other files. */
const FOREIGN_EXTENSIONS =
  /^(x?html?|xht|mht(ml)?|svgz?|xml|xslt?|[cm]?js|wasm|css|php\d?|phtml|aspx?|jspx?|cgi|p[ly]|rb|sh|bat|cmd|com|exe|dll|msi|scr|vbs?|ps1|jar|apk|app|hta|lnk|reg|swf|pdf|zip|rar|7z|t?gz|tar|docm?|xlsm?)$/;
const FOREIGN_TYPES =
  /^(text\/(?!plain$).*|.*[/+]xml|application\/(.*(javascript|ecmascript|msdownload|httpd-php|java-archive|x-sh|wasm).*|pdf|(x-)?(zip|gzip|tar).*)|(audio|video|font)\/.*)$/;

export interface Declared {
  fileName: string;
  mimeType: string;
}

/**
 * The content decides which of the accepted types a file is. Phones and mail programs give pictures other names and types,
 * or none, so those say nothing; but nobody has an honest reason to call a picture `x.png.html`.
 * @throws DomainError UNSUPPORTED_MEDIA_TYPE for a name or type of something that is no picture
 */
export function assertDeclared({ fileName, mimeType }: Declared): void {
  const [type = ''] = mimeType.toLowerCase().split(';');
  if (FOREIGN_TYPES.test(type.trim())) throw wrongType('The form declares a type that is not an image.');
  if (FOREIGN_EXTENSIONS.test(extensionOf(fileName) ?? '')) throw wrongType('The file name is not that of an image.');
}

/** In lower case; null where the name has none. */
function extensionOf(fileName: string): string | null {
  const base = fileName.slice(Math.max(fileName.lastIndexOf('/'), fileName.lastIndexOf('\\')) + 1);
  const dot = base.lastIndexOf('.');
  return dot === -1 ? null : base.slice(dot + 1).toLowerCase();
}
