import { inflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import type { Script } from '../../src/core/pdf/fonts.js';
import { PdfDocument, type TextStyle } from '../../src/core/pdf/pdf-document.js';
import { shape } from '../support/harfbuzz.js';
import { readPdf, type PdfPage } from '../support/pdf.js';

/** PDF files, as pdf.js reads them. Text is compared with HarfBuzz, the shaper of browsers. */

async function write(text: string, style: Partial<TextStyle> = {}, width = 500): Promise<Buffer> {
  const pdf = new PdfDocument({ title: 'Test', language: 'en', createdAt: new Date(0) });
  pdf.addPage();
  pdf.text(text, { x: 0, y: 0, width }, { size: 10, ...style });
  return pdf.end();
}

const readPage = async (file: Buffer): Promise<PdfPage> => (await readPdf(file)).pages[0] as PdfPage;

describe('a PDF file', () => {
  it.each<[string, Script]>([
    ['محمد أحمد', 'arabic'],
    ['عبد الله آلاء إبراهيم', 'arabic'],
    ['الشيخ علي بن أبي طالب', 'arabic'],
    ['مُحَمَّد', 'arabic'],
    ['प्रियंका शर्मा', 'devanagari'],
    ['क्षत्रिय राजेन्द्र श्रीमती', 'devanagari'],
    ['विद्यार्थी ज्ञानेश्वर', 'devanagari'],
    ['ज़रीना फ़ातिमा', 'devanagari'],
    ['Anna Müller', 'latin'],
  ])('has the glyphs of HarfBuzz for %s', async (text, script) => {
    const { glyphs } = await readPage(await write(text));
    expect(glyphs.flat().map(({ width }) => width)).toEqual(shape(text, script));
  });

  it('joins Arabic letters and reorders Devanagari vowels', async () => {
    // Three letters in a row have other forms, and so other widths, than each of them alone.
    const [joined, ...alone] = await Promise.all(
      ['ههه', 'ه'].map(async (text) => (await readPage(await write(text))).glyphs),
    );
    const widths = joined?.flat().map(({ width }) => width) ?? [];
    expect(new Set(widths).size).toBe(3);
    expect(widths).not.toContain(alone[0]?.flat()[0]?.width);
    const [vowel, letter] = (await readPage(await write('कि'))).glyphs.flat();
    expect([vowel?.unicode, letter?.unicode]).toEqual(['ि', 'क']);
  });

  it('puts the parts of a line in the order of reading', async () => {
    const { texts } = await readPage(await write('موعد Smith غرفة', { direction: 'rtl' }));
    // Letters that differ only in their dots share a glyph, so the first letters identify the word.
    const at = (word: RegExp): number => texts.find(({ text }) => word.test(text))?.x ?? NaN;
    expect(at(/^مو/)).toBeGreaterThan(at(/Smith/));
    expect(at(/Smith/)).toBeGreaterThan(Math.min(...texts.map(({ x }) => x)));
  });

  it('writes numbers from left to right, in the digits of every script', async () => {
    for (const number of ['2026', '٢٠٢٦', '۲۰۲۶', '२०२६']) {
      const { glyphs } = await readPage(await write(number, { direction: 'rtl' }));
      expect(
        glyphs
          .flat()
          .map(({ unicode }) => unicode)
          .join(''),
      ).toBe(number);
    }
  });

  it('has the text for readers that copy or read it', async () => {
    const file = (await write('محمد أحمد')).toString('latin1');
    const contents = [...file.matchAll(/stream\r?\n([\s\S]*?)endstream/g)].flatMap(([, body = '']) => {
      try {
        return [inflateSync(Buffer.from(body, 'latin1')).toString('latin1')];
      } catch {
        return [];
      }
    });
    const expected = Buffer.from('\ufeffمحمد أحمد', 'utf16le').swap16().toString('latin1');
    const [marked = ''] = contents.filter((content) => content.includes('/ActualText'));
    expect(marked.replace(/\\([\\()])/g, '$1')).toContain(expected);
  });

  it('breaks long texts, and draws what no font has as a box', async () => {
    const { texts } = await readPage(await write('one two three four', {}, 45));
    expect(texts.map(({ text }) => text)).toEqual(['one two', 'three', 'four']);
    expect((await readPage(await write('漢字'))).glyphs.flat()).toHaveLength(2);
  });
});
