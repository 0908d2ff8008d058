import { getDocument, OPS } from 'pdfjs-dist/legacy/build/pdf.mjs';

/** A piece of text of a page, as another library than the one that wrote it reads it. */
export interface PdfText {
  text: string;
  /** In points, from the left and from the bottom. */
  x: number;
  y: number;
}

export interface PdfPage {
  texts: PdfText[];
  /** The glyphs of each piece that is shown, from left to right: what they stand for, and their widths in thousandths of the size. */
  glyphs: { unicode: string; width: number }[][];
}

interface Glyph {
  unicode: string;
  width: number;
}

/** Reads a PDF file with pdf.js. */
export async function readPdf(file: Uint8Array): Promise<{ title: string; pages: PdfPage[] }> {
  const task = getDocument({ data: new Uint8Array(file), useSystemFonts: false, verbosity: 0 });
  const document = await task.promise;
  const { info } = await document.getMetadata();
  const pages: PdfPage[] = [];
  for (let number = 1; number <= document.numPages; number += 1) {
    const page = await document.getPage(number);
    const { items } = await page.getTextContent({ disableNormalization: true });
    const texts = items.flatMap((item) =>
      'str' in item && item.str.trim() !== '' ? [{ text: item.str, x: item.transform[4], y: item.transform[5] }] : [],
    );
    const operators = await page.getOperatorList();
    const shown = operators.argsArray.filter((_, index) => operators.fnArray[index] === OPS.showText);
    const glyphs = shown.map(([items]: [(Glyph | number)[]]) =>
      items.flatMap((item) => (typeof item === 'object' && item ? [{ unicode: item.unicode, width: item.width }] : [])),
    );
    pages.push({ texts, glyphs });
  }
  await task.destroy();
  return { title: String((info as { Title?: string }).Title), pages };
}
