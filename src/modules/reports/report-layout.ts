import { setImmediate } from 'node:timers/promises';
import { PdfDocument, type Box, type PdfOptions, type TextStyle } from '../../core/pdf/pdf-document.js';
import type { ReportWords } from './report-words.js';

// All lengths are in points (1/72 inch).
const MARGIN = 40;
const FOOTER = 30;
const GAP = 8;
const TITLE: TextStyle = { size: 18, weight: 'bold' };
const HEADING: TextStyle = { size: 11, weight: 'bold' };
const NORMAL: TextStyle = { size: 9 };
const BOLD: TextStyle = { size: 9, weight: 'bold' };
const LABEL: TextStyle = { size: 8 };
const SMALL: TextStyle = { size: 8, color: '#555555' };

/** The columns of the table: the name of a figure, and three figures. Together the width of A4 without margins. */
const COLUMNS = [227, 96, 96, 96] as const;
const LABEL_WIDTH = 150;
const TEXT_WIDTH = 62;
const BAR_HEIGHT = 8;
/** The day, and the week before. */
const COLORS = ['#0b5fa5', '#a9c8e4'] as const;

const ROWS_WITHOUT_PAUSE = 4;

/** A name with two bars: the day, and the week before. */
export interface Bars {
  label: string;
  bars: readonly { value: number; text: string }[];
}

export interface Chart {
  title: string;
  rows: readonly Bars[];
  /** The value of a bar over the whole width. Default: the greatest value. */
  max?: number;
}

/** Puts the parts of a report on pages. In Arabic, everything runs from right to left, also the bars. */
export class ReportLayout {
  private readonly pdf: PdfDocument;
  private readonly isRtl: boolean;
  private pageNumber = 0;
  private rowCount = 0;
  /** Where the next part begins, from the top of the page. */
  private y = MARGIN;

  constructor(
    options: PdfOptions,
    private readonly words: ReportWords,
    /** Stands at the bottom of each page. */
    private readonly footer: string,
  ) {
    this.pdf = new PdfDocument(options);
    this.isRtl = options.language === 'ar';
    this.startPage();
  }

  title(text: string): void {
    this.write(text, TITLE);
  }

  line(text: string): void {
    this.write(text, NORMAL);
  }

  async table(header: readonly string[], rows: readonly (readonly string[])[]): Promise<void> {
    this.y += GAP;
    this.row(header, BOLD);
    for (const row of rows) {
      this.row(row, NORMAL);
      await this.pause();
    }
  }

  /** A row of a chart stays on one page, and the heading with the first row. */
  async chart({ title, rows, max = 0 }: Chart): Promise<void> {
    const fullValue = Math.max(max, ...rows.flatMap(({ bars }) => bars.map(({ value }) => value)));
    const height = 2 * BAR_HEIGHT + GAP;
    this.y += GAP;
    this.makeRoom(3 * NORMAL.size + 2 * height);
    this.write(title, HEADING);
    this.legend();
    for (const row of rows) {
      this.makeRoom(height);
      this.bars(row, fullValue);
      this.y += height;
      await this.pause();
    }
  }

  end(): Promise<Buffer> {
    return this.pdf.end();
  }

  private get width(): number {
    return this.pdf.width - 2 * MARGIN;
  }

  /** Other work of the process goes on between the rows: shaping their texts takes some milliseconds. */
  private pause(): Promise<void> {
    this.rowCount += 1;
    return this.rowCount % ROWS_WITHOUT_PAUSE === 0 ? setImmediate() : Promise.resolve();
  }

  private row(cells: readonly string[], style: TextStyle): void {
    const boxes = COLUMNS.map((width, index) => {
      const before = COLUMNS.slice(0, index).reduce<number>((sum, other) => sum + other, 0);
      return this.box(before, width - GAP, index === 0 ? 'start' : 'end');
    });
    const heights = cells.map((cell, index) => this.pdf.heightOf(cell, COLUMNS[index] as number, style));
    this.makeRoom(Math.max(...heights));
    for (const [index, cell] of cells.entries()) {
      this.pdf.text(cell, { ...(boxes[index] as Box), y: this.y }, this.styled(style));
    }
    this.y += Math.max(...heights) + 1;
    this.pdf.rule(MARGIN, this.y, this.width, '#dddddd');
    this.y += 2;
  }

  private legend(): void {
    let offset = 0;
    for (const [index, text] of [this.words.day, this.words.weekBefore].entries()) {
      const mark = this.box(offset, BAR_HEIGHT, 'start');
      this.pdf.bar({ ...mark, y: this.y + 2 }, BAR_HEIGHT, COLORS[index] as string);
      this.pdf.text(text, this.box(offset + BAR_HEIGHT + 4, LABEL_WIDTH, 'start'), this.styled(SMALL));
      offset += LABEL_WIDTH;
    }
    this.y += SMALL.size + GAP;
  }

  private bars({ label, bars }: Bars, fullValue: number): void {
    const room = this.width - LABEL_WIDTH - TEXT_WIDTH;
    this.pdf.text(this.shorten(label), this.box(0, LABEL_WIDTH - GAP, 'start'), this.styled(LABEL));
    for (const [index, { value, text }] of bars.entries()) {
      const width = fullValue > 0 ? (Math.max(0, value) / fullValue) * room : 0;
      const y = this.y + index * (BAR_HEIGHT + 1);
      this.pdf.bar({ ...this.box(LABEL_WIDTH, width, 'start'), y }, BAR_HEIGHT, COLORS[index] as string);
      const after = this.box(LABEL_WIDTH + width + 4, TEXT_WIDTH, 'start');
      this.pdf.text(text, { ...after, y: y - 2 }, this.styled(SMALL));
    }
  }

  /** Cuts a name that does not fit beside its bars, into two lines. */
  private shorten(label: string): string {
    const fits = (text: string): boolean =>
      this.pdf.heightOf(text, LABEL_WIDTH - GAP, LABEL) <= this.pdf.heightOf('x', LABEL_WIDTH, LABEL) * 2;
    if (fits(label)) return label;
    const letters = [...new Intl.Segmenter().segment(label)].map(({ segment }) => segment);
    while (letters.length > 1 && !fits(`${letters.join('')}…`)) letters.pop();
    return `${letters.join('')}…`;
  }

  private write(text: string, style: TextStyle): void {
    this.y += this.pdf.text(text, this.box(0, this.width, 'start'), this.styled(style));
  }

  private makeRoom(height: number): void {
    if (this.y + height > this.pdf.height - FOOTER - GAP) this.startPage();
  }

  private startPage(): void {
    this.pdf.addPage();
    this.pageNumber += 1;
    this.y = this.pdf.height - FOOTER;
    this.pdf.text(this.footer, this.box(0, this.width, 'start'), this.styled(SMALL));
    this.pdf.text(`${this.words.page} ${this.pageNumber}`, this.box(0, this.width, 'end'), this.styled(SMALL));
    this.y = MARGIN;
  }

  /** @param offset from the side where reading begins */
  private box(offset: number, width: number, side: 'start' | 'end'): Box {
    const x = this.isRtl ? MARGIN + this.width - offset - width : MARGIN + offset;
    return { x, y: this.y, width, align: (side === 'start') === this.isRtl ? 'right' : 'left' };
  }

  /** A name in another script keeps its own direction; the texts around it have the page's. */
  private styled(style: TextStyle): TextStyle {
    return { ...style, direction: this.isRtl ? 'rtl' : 'ltr' };
  }
}
