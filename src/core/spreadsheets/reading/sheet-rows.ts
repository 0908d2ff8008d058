import { isDay } from '../../kernel/zone.js';
import { LocalDay, LocalTime, MAX_CELL_CHARACTERS } from '../cell.js';
import { toColumnNumber } from '../columns.js';
import { fromSerial } from './excel-dates.js';
import type { SharedStrings } from './shared-strings.js';
import { CellError, MAX_COLUMNS, type ReadCell, type TableRow } from './table.js';
import { damaged, unreadable } from './unreadable.js';
import type { Workbook } from './workbook.js';
import type { XmlHandler } from './xml-reader.js';
import { fromXlsxText } from './xlsx-text.js';

type Formats = Pick<Workbook, 'is1904' | 'dateStyles'>;
type Attributes = Readonly<Record<string, string>>;

/** Collects the rows of a sheet from its XML. */
export class SheetRows implements XmlHandler {
  private rows: TableRow[] = [];
  private row: TableRow = { number: 0, cells: [] };
  private cell: Attributes = {};
  private column = 0;
  private value = '';
  private isValue = false;
  private isFormula = false;
  private isPhonetic = false;

  constructor(
    private readonly formats: Formats,
    private readonly strings: SharedStrings | null,
  ) {}

  /** The complete rows since the last call. */
  take(): TableRow[] {
    const rows = this.rows;
    this.rows = [];
    return rows;
  }

  open(name: string, attributes: Attributes): void {
    if (name === 'row') this.openRow(attributes);
    else if (name === 'c') this.openCell(attributes);
    else if (name === 'f') this.isFormula = true;
    else if (name === 'rPh') this.isPhonetic = true;
    this.isValue = name === 'v' || (name === 't' && !this.isPhonetic);
  }

  text(text: string): void {
    if (!this.isValue) return;
    if (this.value.length + text.length > MAX_CELL_CHARACTERS)
      throw unreadable(`has a text that is too long in row ${this.row.number}`);
    this.value += text;
  }

  close(name: string): void {
    if (name === 'v' || name === 't') this.isValue = false;
    else if (name === 'rPh') this.isPhonetic = false;
    else if (name === 'c') this.closeCell();
    else if (name === 'row') this.rows.push(this.row);
  }

  /** Rows and cells without a number follow the last ones. */
  private openRow({ r }: Attributes): void {
    const number = r === undefined ? this.row.number + 1 : Number(r);
    if (!Number.isInteger(number) || number <= this.row.number) throw damaged();
    this.row = { number, cells: [] };
    this.column = -1;
  }

  private openCell(attributes: Attributes): void {
    this.cell = attributes;
    const letters = /^[A-Z]{1,3}/.exec(attributes.r ?? '')?.[0];
    this.column = letters ? toColumnNumber(letters) : this.column + 1;
    this.value = '';
    this.isFormula = false;
  }

  private closeCell(): void {
    const cell = this.toCell();
    if (cell === null) return;
    if (this.column >= MAX_COLUMNS) throw unreadable(`has more than ${MAX_COLUMNS} columns in row ${this.row.number}`);
    while (this.row.cells.length < this.column) this.row.cells.push(null);
    this.row.cells[this.column] = cell;
  }

  private toCell(): ReadCell {
    const { value } = this;
    if (value === '') return this.isFormula && this.cell.t !== 'str' ? new CellError('') : null;
    switch (this.cell.t ?? 'n') {
      case 's':
        return this.strings?.get(Number(value)) || null;
      case 'str':
      case 'inlineStr':
        return fromXlsxText(value);
      case 'b':
        return value === '1';
      case 'e':
        return new CellError(value.slice(0, 20));
      case 'd':
        return fromIsoDate(value);
      default:
        return this.toNumber(Number(value));
    }
  }

  private toNumber(number: number): ReadCell {
    if (!Number.isFinite(number)) return null;
    const { is1904, dateStyles } = this.formats;
    return dateStyles.has(Number(this.cell.s ?? 0)) ? fromSerial(number, is1904) : number;
  }
}

/** ISO 8601, which spreadsheets may write instead of a number of days. */
function fromIsoDate(text: string): ReadCell {
  const [day = '', time] = text.split('T');
  if (!isDay(day)) return text;
  const milliseconds = Date.parse(`${day}T${(time ?? '00:00').replace(/Z$/, '')}Z`);
  if (time === undefined || Number.isNaN(milliseconds)) return new LocalDay(day);
  return new LocalTime(milliseconds);
}
