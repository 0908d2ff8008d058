import type { Language } from '../../core/kernel/locale.js';
import type { Zone } from '../../core/kernel/zone.js';
import type { SentAppointment } from '../appointments/index.js';
import { toDoctorName, toClockTime, toName } from './day-names.js';
import { DAY_WORDS } from './day-words.js';
import type { SentDay, SentDayDoctor, SentRange } from './day.dto.js';

/** A line of a doctor's sheet: the texts of the columns. */
export interface SheetRow {
  time: string;
  /** The number in the queue. */
  number: string;
  patient: string;
  service: string;
  rooms: string;
  status: string;
  /** Printed in grey. */
  isCancelledOrMissed: boolean;
}

/** What is printed for one doctor. */
export interface DoctorSheet {
  name: string;
  speciality: string;
  /** Hours, closures and free time. */
  lines: string[];
  rows: SheetRow[];
  walkIns: string[];
}

interface TimedRow extends SheetRow {
  start: number;
  end: number;
}

/** The sheets of the doctors who work or have something on the day. */
export function toSheets(day: SentDay, zone: Zone, language: Language): DoctorSheet[] {
  const builder = new SheetBuilder(day, zone, language);
  return day.doctors.flatMap((doctor) => {
    const sheet: DoctorSheet = {
      name: toDoctorName(doctor),
      speciality: doctor.speciality,
      lines: builder.toLines(doctor),
      rows: builder.toRows(doctor),
      walkIns: builder.toWalkIns(doctor),
    };
    const isEmpty = sheet.rows.length === 0 && doctor.hours.length === 0 && sheet.walkIns.length === 0;
    return isEmpty ? [] : [sheet];
  });
}

/** Writes the parts of a doctor's sheet. */
class SheetBuilder {
  private readonly words: (typeof DAY_WORDS)[Language];
  /** The numbers in the queue, by appointment. */
  private readonly numbers: Map<string | null, string>;

  constructor(
    private readonly day: SentDay,
    private readonly zone: Zone,
    language: Language,
  ) {
    this.words = DAY_WORDS[language];
    this.numbers = new Map(day.queue.map(({ appointmentId, number }) => [appointmentId, String(number)]));
  }

  /** Hours, closures and free time. */
  toLines({ hours, closures, free }: SentDayDoctor): string[] {
    const { words } = this;
    return [
      ...(hours.length > 0 ? this.toLine(words.hours, hours) : [words.off]),
      ...this.toLine(words.closed, closures),
      ...this.toLine(words.free, free),
    ];
  }

  /** Visits, holds and other reserved times, by start. */
  toRows(doctor: SentDayDoctor): SheetRow[] {
    const visits = this.day.appointments
      .filter(({ doctorId }) => doctorId === doctor.id)
      .map((visit) =>
        this.toRow(visit, {
          number: this.numbers.get(visit.id) ?? '',
          status: this.toStatus(visit),
          isCancelledOrMissed: visit.status === 'CANCELLED' || visit.status === 'NO_SHOW',
        }),
      );
    const holds = this.day.holds
      .filter(({ doctorId }) => doctorId === doctor.id)
      .map((hold) => this.toRow(hold, { status: `${this.words.held} ${this.toTime(hold.expiresAt)}` }));
    const shown = [...visits.filter(({ isCancelledOrMissed }) => !isCancelledOrMissed), ...holds];
    // Visits of others, whom the reader does not see, and visits that began on the day before.
    const others = doctor.busy
      .filter(({ startDateTime, endDateTime }) => !shown.some(overlaps(startDateTime, endDateTime)))
      .map((range) => this.toRow(range, { status: this.words.reserved }));
    return [...visits, ...holds, ...others].sort((a, b) => a.start - b.start || a.end - b.end);
  }

  /** The patients who wait for the doctor without an appointment, with their numbers. */
  toWalkIns(doctor: SentDayDoctor): string[] {
    return this.day.queue.flatMap(({ doctorId, appointmentId, client, number }) =>
      doctorId === doctor.id && !appointmentId && client ? [`${number}. ${toName(client)}`] : [],
    );
  }

  private toRow(item: TimedItem, fields: Partial<SheetRow>): TimedRow {
    return {
      time: this.toSpan(item),
      number: '',
      patient: item.client ? toName(item.client) : '',
      service: item.service?.name ?? '',
      rooms: item.resources?.map(({ name }) => name).join(', ') ?? '',
      status: '',
      isCancelledOrMissed: false,
      start: Date.parse(item.startDateTime),
      end: Date.parse(item.endDateTime),
      ...fields,
    };
  }

  private toStatus({ status, checkedInAt }: SentAppointment): string {
    const hasArrived = status === 'CONFIRMED' && checkedInAt;
    return hasArrived ? `${this.words.arrived} ${this.toTime(checkedInAt)}` : this.words.statuses[status];
  }

  private toLine(name: string, ranges: SentRange[]): string[] {
    return ranges.length > 0 ? [`${name}: ${ranges.map((range) => this.toSpan(range)).join(', ')}`] : [];
  }

  private toSpan({ startDateTime, endDateTime }: SentRange): string {
    return `${this.toTime(startDateTime)}–${this.toTime(endDateTime)}`;
  }

  private toTime(instant: string): string {
    return toClockTime(this.zone, instant);
  }
}

interface TimedItem extends SentRange {
  client?: { firstName: string; lastName: string } | null;
  service?: { name: string };
  resources?: { name: string }[];
}

const overlaps =
  (from: string, to: string) =>
  ({ start, end }: TimedRow): boolean =>
    start < Date.parse(to) && Date.parse(from) < end;
