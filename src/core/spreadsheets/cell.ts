import { dayName } from '../kernel/zone.js';

const DAY = 86_400_000;

/** A calendar day without a time: `YYYY-MM-DD`. */
export class LocalDay {
  constructor(readonly day: string) {}

  toString(): string {
    return this.day;
  }
}

/** A wall-clock time without a zone, as milliseconds from 1970-01-01T00:00 on that clock. */
export class LocalTime {
  constructor(readonly milliseconds: number) {}

  /** `2026-11-23 09:00:00`, which spreadsheets read as a date with a time. */
  toString(): string {
    const day = Math.floor(this.milliseconds / DAY);
    const seconds = Math.floor((this.milliseconds - day * DAY) / 1_000);
    return `${dayName(day)} ${two(seconds / 3_600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`;
  }
}

/** The maximum length of a text in a cell. Excel refuses files with longer texts; we refuse to read them, because rows are in memory in batches. */
export const MAX_CELL_CHARACTERS = 32_767;

/** The content of a cell of a spreadsheet. */
export type Cell = string | number | boolean | null | LocalDay | LocalTime;

const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
