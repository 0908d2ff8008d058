import type { Language } from '../../core/kernel/locale.js';
import type { Zone } from '../../core/kernel/zone.js';
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
  const words = DAY_WORDS[language];
  const numbers = new Map(day.queue.map(({ appointmentId, number }) => [appointmentId, String(number)]));
  const time = (instant: string): string => toClockTime(zone, instant);
  const span = ({ startDateTime, endDateTime }: SentRange): string => `${time(startDateTime)}–${time(endDateTime)}`;
  const spans = (name: string, ranges: SentRange[]): string[] =>
    ranges.length > 0 ? [`${name}: ${ranges.map(span).join(', ')}`] : [];

  const toRow = (item: TimedItem, fields: Partial<SheetRow>): TimedRow => ({
    time: span(item),
    number: '',
    patient: item.client ? toName(item.client) : '',
    service: item.service?.name ?? '',
    rooms: item.resources?.map(({ name }) => name).join(', ') ?? '',
    status: '',
    isCancelledOrMissed: false,
    start: Date.parse(item.startDateTime),
    end: Date.parse(item.endDateTime),
    ...fields,
  });

  const toRows = (doctor: SentDayDoctor): TimedRow[] => {
    const visits = day.appointments
      .filter(({ doctorId }) => doctorId === doctor.id)
      .map((visit) =>
        toRow(visit, {
          number: numbers.get(visit.id) ?? '',
          status:
            visit.status === 'CONFIRMED' && visit.checkedInAt
              ? `${words.arrived} ${time(visit.checkedInAt)}`
              : words.statuses[visit.status],
          isCancelledOrMissed: visit.status === 'CANCELLED' || visit.status === 'NO_SHOW',
        }),
      );
    const holds = day.holds
      .filter(({ doctorId }) => doctorId === doctor.id)
      .map((hold) => toRow(hold, { status: `${words.held} ${time(hold.expiresAt)}` }));
    const shown = [...visits.filter(({ isCancelledOrMissed }) => !isCancelledOrMissed), ...holds];
    // Visits of others, whom the reader does not see, and visits that began on the day before.
    const others = doctor.busy
      .filter(({ startDateTime, endDateTime }) => !shown.some(overlaps(startDateTime, endDateTime)))
      .map((range) => toRow(range, { status: words.reserved }));
    return [...visits, ...holds, ...others].sort((a, b) => a.start - b.start || a.end - b.end);
  };

  return day.doctors.flatMap((doctor) => {
    const rows = toRows(doctor);
    const walkIns = day.queue
      .filter(({ doctorId, appointmentId, client }) => doctorId === doctor.id && !appointmentId && client)
      .map(({ number, client }) => `${number}. ${client ? toName(client) : ''}`);
    if (rows.length === 0 && doctor.hours.length === 0 && walkIns.length === 0) return [];
    const hours = spans(words.hours, doctor.hours);
    const lines = [
      ...(hours.length > 0 ? hours : [words.off]),
      ...spans(words.closed, doctor.closures),
      ...spans(words.free, doctor.free),
    ];
    return [{ name: toDoctorName(doctor), speciality: doctor.speciality, lines, rows, walkIns }];
  });
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
