import * as fontkit from 'fontkit';
import PDFDocument from 'pdfkit';
import { FONT_SCRIPTS, readFont, type Script, type Weight } from './fonts.js';
import { breakLines, toPlainLine, toVisualRuns, type Direction, type TextRun } from './text-runs.js';

export interface TextStyle {
  /** In points. */
  size: number;
  weight?: Weight;
  /** A colour such as `#555555`. */
  color?: string;
  direction?: Direction;
}

export interface Box {
  x: number;
  /** The top. */
  y: number;
  width: number;
  align?: 'left' | 'right' | 'center';
}

export interface PdfOptions {
  title: string;
  /** The language of the text, such as `ar`. */
  language: string;
  createdAt: Date;
}

/** The size of A4 paper in points, as pdfkit has it. */
const A4 = { width: 595.28, height: 841.89 };
/** Distance between lines, and between the top of a line and its baseline, as multiples of the size. */
const LINE_HEIGHT = 1.45;
const BASELINE = 1.05;
/** Shape each run as a whole: otherwise pdfkit shapes word by word, and puts words of right-to-left scripts in the wrong order. */
const WHOLE_RUNS: PDFKit.Mixins.OpenTypeFeatures[] = [];

/**
 * A PDF file on A4 paper with text in any script of `fonts.ts`: shaped by fontkit, in the order of the Unicode Bidirectional Algorithm.
 * pdfkit alone has no fallback from font to font and no bidirectional text.
 */
export class PdfDocument {
  readonly width = A4.width;
  readonly height = A4.height;
  private readonly document: PDFKit.PDFDocument;
  private readonly chunks: Buffer[] = [];
  private readonly registered = new Set<string>();
  private readonly measured = new Map<string, MeasuredRun[]>();

  constructor({ title, language, createdAt }: PdfOptions) {
    const info = { Title: title, Producer: 'CareSlot', Creator: 'CareSlot', CreationDate: createdAt };
    this.document = new PDFDocument({ size: 'A4', margin: 0, autoFirstPage: false, lang: language, info });
    this.document.on('data', (chunk: Buffer) => this.chunks.push(chunk));
  }

  addPage(): void {
    this.document.addPage();
  }

  /** @returns the height of the text */
  text(text: string, box: Box, style: TextStyle): number {
    const lines = this.lines(text, box.width, style);
    for (const [index, line] of lines.entries()) this.line(line, box, style, index * style.size * LINE_HEIGHT);
    return lines.length * style.size * LINE_HEIGHT;
  }

  /** The height that `text` will have. */
  heightOf(text: string, width: number, style: TextStyle): number {
    return this.lines(text, width, style).length * style.size * LINE_HEIGHT;
  }

  rule(x: number, y: number, width: number, color = '#999999'): void {
    this.document
      .moveTo(x, y)
      .lineTo(x + width, y)
      .lineWidth(0.5)
      .stroke(color);
  }

  /** A filled rectangle. */
  bar({ x, y, width }: Omit<Box, 'align'>, height: number, color: string): void {
    this.document.rect(x, y, width, height).fill(color);
  }

  /** The file. */
  async end(): Promise<Buffer> {
    const ended = new Promise((resolve, reject) => this.document.once('end', resolve).once('error', reject));
    this.document.end();
    await ended;
    return Buffer.concat(this.chunks);
  }

  private lines(text: string, width: number, style: TextStyle): string[] {
    return breakLines(text, (line) => this.widthOf(line, style) <= width);
  }

  private line(line: string, { x, y, width, align = 'left' }: Box, style: TextStyle, offset: number): void {
    const room = width - this.widthOf(line, style);
    let left = x + (align === 'right' ? room : align === 'center' ? room / 2 : 0);
    this.document.fillColor(style.color ?? '#000000');
    // What readers copy, search and read aloud: glyphs alone do not tell the text of joined letters.
    this.document.markContent('Span', { actual: toPlainLine(line) });
    for (const { text, font, width: runWidth } of this.measure(line, style)) {
      this.use(font, style);
      const options = { lineBreak: false, features: WHOLE_RUNS, baseline: 'alphabetic' as const };
      this.document.text(text, left, y + offset + style.size * BASELINE, options);
      left += runWidth;
    }
    this.document.endMarkedContent();
  }

  private widthOf(line: string, style: TextStyle): number {
    return this.measure(line, style).reduce((sum, { width }) => sum + width, 0);
  }

  /** The runs of a line with their widths. Shaping takes most of the time of a document, so each text is measured once. */
  private measure(line: string, style: TextStyle): MeasuredRun[] {
    const key = `${style.weight} ${style.size} ${style.direction} ${line}`;
    let runs = this.measured.get(key);
    if (!runs) {
      runs = toRuns(line, style).map((run) => {
        this.use(run.font, style);
        return { ...run, width: this.document.widthOfString(run.text, { features: WHOLE_RUNS }) };
      });
      this.measured.set(key, runs);
    }
    return runs;
  }

  private use(script: Script, { size, weight = 'regular' }: TextStyle): void {
    const name = `${script} ${weight}`;
    if (!this.registered.has(name)) this.document.registerFont(name, readFont(script, weight));
    this.registered.add(name);
    this.document.font(name).fontSize(size);
  }
}

type MeasuredRun = TextRun<Script> & { width: number };

const toRuns = (line: string, { direction = 'auto' }: TextStyle): ReturnType<typeof toVisualRuns<Script>> =>
  toVisualRuns<Script>(line, direction, findFont);

const coverage = new Map<Script, ReadonlySet<number>>();

/** Characters that no font has are drawn as the box of the Latin font. */
function findFont(character: string, current: Script | null): Script {
  const code = character.codePointAt(0) ?? 0;
  if (current && covers(current, code)) return current;
  return FONT_SCRIPTS.find((script) => covers(script, code)) ?? current ?? 'latin';
}

function covers(script: Script, code: number): boolean {
  let codes = coverage.get(script);
  if (!codes) {
    const font = fontkit.create(readFont(script, 'regular')) as fontkit.Font;
    codes = new Set(font.characterSet);
    coverage.set(script, codes);
  }
  return codes.has(code);
}
