import { setImmediate } from 'node:timers/promises';
import { getLanguage, type Language } from '../../core/kernel/locale.js';
import { Zone } from '../../core/kernel/zone.js';
import { PdfDocument, type Box, type TextStyle } from '../../core/pdf/pdf-document.js';
import { toClockTime } from './day-names.js';
import { toSheets, type DoctorSheet, type SheetRow } from './day-sheets.js';
import { DAY_WORDS } from './day-words.js';
import type { SentDay } from './day.dto.js';

// All lengths are in points.
const MARGIN = 36;
/** From the top of the footer to the bottom of the page. */
const FOOTER = 24;
const GAP = 6;
/** Columns from the side where reading begins, in points; together the width of A4 without margins. */
const COLUMNS = [
  ['time', 72],
  ['number', 30],
  ['patient', 150],
  ['service', 108],
  ['rooms', 78],
  ['status', 85],
] as const satisfies [keyof SheetRow, number][];

const TITLE: TextStyle = { size: 14, weight: 'bold' };
const SMALL: TextStyle = { size: 8, color: '#555555', direction: 'ltr' };
const NORMAL: TextStyle = { size: 9 };
const HEADING: TextStyle = { size: 8, weight: 'bold' };
const GREY = '#888888';

/** What is printed on each page, beside the day. */
export interface PrintedClinic {
  name: string;
  /** The clinic's locale: its language, and how it writes days. */
  locale: string;
  printedAt: Date;
}

/** The day as a PDF file, a sheet for each doctor. In Arabic, the page runs from right to left. */
export async function toPdf(day: SentDay, { name, locale, printedAt }: PrintedClinic): Promise<Buffer> {
  const language = getLanguage(locale);
  const zone = Zone.of(day.timeZone);
  const printer = new SheetPrinter(language, {
    title: name,
    date: toLongDate(day.date, language === 'en' && !locale.startsWith('en') ? 'en' : locale),
    printed: toPrinted(
      DAY_WORDS[language].printed,
      `${zone.toDay(printedAt.getTime())} ${toClockTime(zone, printedAt.toISOString())}`,
      language,
    ),
    printedAt,
  });
  const sheets = toSheets(day, zone, language);
  if (sheets.length === 0) printer.printNothing();
  for (const sheet of sheets) {
    printer.print(sheet);
    // Other requests go on between two doctors.
    await setImmediate();
  }
  return printer.end();
}

/** The date has no time: UTC keeps it. */
const toLongDate = (date: string, locale: string): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeZone: 'UTC', calendar: 'gregory' }).format(Date.parse(date));

/** In Arabic, the word is at the right of the numbers, which would be in another order after it. */
const toPrinted = (word: string, instant: string, language: Language): string =>
  language === 'ar' ? `${instant} ${word}` : `${word} ${instant}`;

interface PageTexts {
  title: string;
  date: string;
  printed: string;
  printedAt: Date;
}

/** Puts the sheets on pages. */
class SheetPrinter {
  private readonly pdf: PdfDocument;
  private readonly isRtl: boolean;
  private page = 0;
  private y = 0;

  constructor(
    private readonly language: Language,
    private readonly texts: PageTexts,
  ) {
    const { title, date, printedAt } = texts;
    this.isRtl = language === 'ar';
    this.pdf = new PdfDocument({ title: `${title}, ${date}`, language, createdAt: printedAt });
  }

  print(sheet: DoctorSheet): void {
    this.startPage(sheet);
    for (const line of sheet.lines) this.write(line, SMALL);
    if (sheet.rows.length > 0) {
      this.y += GAP;
      this.printHeadings();
      for (const row of sheet.rows) this.printRow(row, sheet);
    }
    if (sheet.walkIns.length > 0) this.printWalkIns(sheet);
  }

  printNothing(): void {
    this.startPage(null);
    this.write(this.words.nobody, NORMAL);
  }

  end(): Promise<Buffer> {
    return this.pdf.end();
  }

  private get words(): (typeof DAY_WORDS)[Language] {
    return DAY_WORDS[this.language];
  }

  private get width(): number {
    return this.pdf.width - 2 * MARGIN;
  }

  private startPage(sheet: DoctorSheet | null): void {
    this.pdf.addPage();
    this.page += 1;
    const bottom = this.pdf.height - FOOTER;
    this.pdf.text(this.texts.printed, this.across(bottom), SMALL);
    const page = { ...this.across(bottom), align: this.isRtl ? 'left' : 'right' } as const;
    this.pdf.text(`${this.words.page} ${this.page}`, page, this.styled(SMALL));
    this.y = MARGIN;
    this.write(`${this.texts.title} · ${this.texts.date}`, SMALL);
    if (sheet) this.write(`${sheet.name} · ${sheet.speciality}`, TITLE);
    this.y += GAP / 2;
  }

  private printHeadings(): void {
    const heights = COLUMNS.map(([column, width], index) =>
      this.pdf.text(this.words[column], this.cell(index, width), this.styled(HEADING)),
    );
    this.y += Math.max(...heights) + GAP / 2;
    this.pdf.rule(MARGIN, this.y, this.width, '#000000');
    this.y += GAP / 2;
  }

  /** A row stays on one page. */
  private printRow(row: SheetRow, sheet: DoctorSheet): void {
    const style = this.styled(row.isCancelledOrMissed ? { ...NORMAL, color: GREY } : NORMAL);
    const height = Math.max(...COLUMNS.map(([column, width]) => this.pdf.heightOf(row[column], width - GAP, style)));
    this.makeRoom(height + GAP, sheet);
    for (const [index, [column, width]] of COLUMNS.entries())
      this.pdf.text(row[column], this.cell(index, width), style);
    this.y += height + GAP / 2;
    this.pdf.rule(MARGIN, this.y, this.width, '#cccccc');
    this.y += GAP / 2;
  }

  private printWalkIns(sheet: DoctorSheet): void {
    this.y += GAP;
    // The heading stays on one page with the first walk-in.
    this.makeRoom(3 * GAP + 2 * NORMAL.size, sheet);
    this.write(this.words.walkIns, HEADING);
    for (const walkIn of sheet.walkIns) {
      this.makeRoom(2 * NORMAL.size, sheet);
      this.write(walkIn, NORMAL);
    }
  }

  private makeRoom(height: number, sheet: DoctorSheet): void {
    if (this.y + height <= this.pdf.height - FOOTER - GAP) return;
    this.startPage(sheet);
    this.printHeadings();
  }

  private write(text: string, style: TextStyle): void {
    this.y += this.pdf.text(text, this.across(this.y), this.styled(style));
  }

  private across(y: number): Box {
    return { x: MARGIN, y, width: this.width, align: this.isRtl ? 'right' : 'left' };
  }

  private cell(index: number, width: number): Box {
    const before = COLUMNS.slice(0, index).reduce((sum, [, other]) => sum + other, 0);
    const x = this.isRtl ? MARGIN + this.width - before - width + GAP : MARGIN + before;
    return { x, y: this.y, width: width - GAP, align: this.isRtl ? 'right' : 'left' };
  }

  /** A name in another script keeps its own direction; the fixed texts around it have the page's. */
  private styled(style: TextStyle): TextStyle {
    return { ...style, direction: this.isRtl ? 'rtl' : 'ltr' };
  }
}
