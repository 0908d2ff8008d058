/** Encodings by the number in the terms `ISO_IR n` and `ISO 2022 IR n` of Specific Character Set (PS3.3 C.12.1.1.2). */
const ENCODINGS: Record<string, string> = {
  '13': 'shift_jis',
  '58': 'gb18030',
  '100': 'iso-8859-1',
  '101': 'iso-8859-2',
  '109': 'iso-8859-3',
  '110': 'iso-8859-4',
  '126': 'iso-8859-7',
  '127': 'iso-8859-6',
  '138': 'iso-8859-8',
  '144': 'iso-8859-5',
  '148': 'iso-8859-9',
  '149': 'euc-kr',
  '166': 'windows-874',
  '192': 'utf-8',
  '203': 'iso-8859-15',
  GB18030: 'gb18030',
  GBK: 'gb18030',
};

/** The encodings that escape sequences select (PS3.3 C.12.1.1.2, tables for ISO 2022). */
const ESCAPES: Record<string, string> = {
  '(B': 'ascii',
  '(J': 'ascii',
  ')I': 'shift_jis',
  $B: 'jis-0208',
  '$@': 'jis-0208',
  '$(D': 'jis-0212',
  '$)C': 'euc-kr',
  '$)A': 'gb18030',
  '-A': 'iso-8859-1',
  '-B': 'iso-8859-2',
  '-C': 'iso-8859-3',
  '-D': 'iso-8859-4',
  '-F': 'iso-8859-7',
  '-G': 'iso-8859-6',
  '-H': 'iso-8859-8',
  '-L': 'iso-8859-5',
  '-M': 'iso-8859-9',
  '-T': 'windows-874',
  '-b': 'iso-8859-15',
};
const ESCAPE = /\x1b(\$\([A-Z]|\$\)[A-Z]|\$[@B]|[()-][A-Za-z])/;

/**
 * Decodes a text with the declared character sets of a data set. Undecodable characters become U+FFFD. Without a declaration, the text
 * is decoded as UTF-8.
 */
export function decodeText(bytes: Buffer, declared: readonly string[]): string {
  const first = getEncoding(declared[0] ?? '');
  const parts = bytes.toString('latin1').split(ESCAPE);
  // The encodings of the bytes below 0x80 (left) and of the others (right). An escape sequence changes one of them (ISO 2022).
  let left = 'ascii';
  let right = first;
  return parts
    .map((part, index) => {
      if (index % 2 === 0) return decodePart(Buffer.from(part, 'latin1'), left, right);
      const encoding = ESCAPES[part] ?? 'unknown';
      if (encoding === 'ascii' || encoding.startsWith('jis')) left = encoding;
      else right = encoding;
      return '';
    })
    .join('');
}

/** Returns 'unknown' without a term and for others, such as ISO_IR 6 (ASCII). Such a text is decoded as UTF-8. */
function getEncoding(term: string): string {
  const name = /^(?:ISO_IR|ISO 2022 IR)[ _](\d+)$/.exec(term)?.[1] ?? term;
  return ENCODINGS[name] ?? 'unknown';
}

function decodePart(bytes: Buffer, left: string, right: string): string {
  if (left === 'jis-0208')
    return decoded(
      'euc-jp',
      bytes.map((byte) => (byte > 0x20 ? byte | 0x80 : byte)),
    );
  if (left === 'jis-0212') {
    const triples = Array.from({ length: bytes.length >> 1 }, (_, index) => [
      0x8f,
      (bytes[2 * index] ?? 0) | 0x80,
      (bytes[2 * index + 1] ?? 0) | 0x80,
    ]);
    return decoded('euc-jp', Uint8Array.from(triples.flat()));
  }
  // Many files use UTF-8 although they declare an encoding with one byte per letter, whose texts are practically never valid UTF-8.
  const mayBeUtf8 = right === 'unknown' || right.startsWith('iso-8859') || right === 'windows-874';
  const text = mayBeUtf8 ? decoded('utf-8', bytes) : '';
  return right === 'unknown' || (mayBeUtf8 && !text.includes('\uFFFD')) ? text : decoded(right, bytes);
}

const decoded = (encoding: string, bytes: Uint8Array): string => new TextDecoder(encoding).decode(bytes);
