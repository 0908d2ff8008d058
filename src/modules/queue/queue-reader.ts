import { Injectable } from '@nestjs/common';
import { comparePlaces, type Place, type QueueStatus } from './queue-order.js';
import { QueueRepository, type QueueDay, type QueueRow } from './queue.repository.js';
import { estimateWaits, type QueuedVisit, type ReservedTime } from './waiting-times.js';

/** A patient of the queue with the computed status, position and waiting time. */
export interface QueuedPatient extends Omit<QueueRow, 'status' | 'arrivedAt'> {
  status: QueueStatus;
  arrivedAt: string;
  /** Among the waiting patients of the doctor, from 1. Null unless the patient waits. */
  position: number | null;
  estimatedWaitMinutes: number | null;
}

export interface Queue extends QueueDay {
  /** In the room, called, waiting, done; the waiting ones in their order. */
  patients: QueuedPatient[];
}

type DoctorTime = ReservedTime & { doctorId: string };

/** A day whose reserved times and visits the caller has read already. */
export interface PreloadedDay {
  today: QueueDay;
  /** The reserved times of the day, of the doctors whose waiting times are needed. */
  reserved: DoctorTime[];
  /** The visits whose patients have arrived. */
  arrived: string[];
}

const MINUTE = 60_000;

/** Reads the queue of a clinic's current day: the status of each patient follows from their visit. */
@Injectable()
export class QueueReader {
  constructor(private readonly entries: QueueRepository) {}

  async read(clinicId: string): Promise<Queue> {
    const today = await this.entries.getToday(clinicId);
    await this.addMissingNumbers(today);
    const patients = toPatients(await this.entries.list(today));
    const reserved = await this.entries.findReserved(today, [...new Set(patients.map(({ doctorId }) => doctorId))]);
    setPositionsAndWaits(today, patients, reserved);
    return { ...today, patients };
  }

  /** As `read`, for a caller who has read the day: with one statement. */
  async readPreloaded({ today, reserved, arrived }: PreloadedDay): Promise<QueuedPatient[]> {
    let rows = await this.entries.list(today);
    const listed = new Set(rows.map(({ appointmentId }) => appointmentId));
    if (arrived.some((id) => !listed.has(id))) {
      await this.addMissingNumbers(today);
      rows = await this.entries.list(today);
    }
    const patients = toPatients(rows);
    setPositionsAndWaits(
      today,
      patients,
      reserved.filter(({ end }) => end > today.now),
    );
    return patients;
  }

  /** The names of the rooms of the patients' visits, by visit. */
  findRooms(patients: readonly QueuedPatient[]): Promise<Map<string, string[]>> {
    return this.entries.findRooms(patients.flatMap(({ appointmentId }) => appointmentId ?? []));
  }

  /** Only after an upgrade: the check-in gives the number. */
  private async addMissingNumbers(today: QueueDay): Promise<void> {
    if ((await this.entries.findUnnumbered(today)).length === 0) return;
    await this.entries.locked(today.clinicId, async () => {
      for (const visit of await this.entries.findUnnumbered(today))
        await this.entries.addVisit(visit, { isNewArrival: false });
    });
  }
}

function toPatients(rows: QueueRow[]): QueuedPatient[] {
  const patients = rows.flatMap((row) => toPatient(row) ?? []);
  const inStatus = (status: QueueStatus): QueuedPatient[] => patients.filter((patient) => patient.status === status);
  return [
    ...sortBy(inStatus('IN_ROOM'), ({ startedAt }) => startedAt),
    ...sortBy(inStatus('CALLED'), ({ calledAt }) => calledAt),
    ...sortByPlace(inStatus('WAITING')),
    ...sortBy(inStatus('DONE'), ({ completedAt }) => completedAt),
  ];
}

/** Sorts by an instant, then by number. */
const sortBy = (patients: QueuedPatient[], toInstant: (patient: QueuedPatient) => string | null): QueuedPatient[] =>
  patients.sort((a, b) => compareText(toInstant(a) ?? '', toInstant(b) ?? '') || a.number - b.number);

const compareText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

const sortByPlace = (patients: QueuedPatient[]): QueuedPatient[] =>
  patients
    .map((patient) => ({ patient, place: toPlace(patient) }))
    .sort((a, b) => comparePlaces(a.place, b.place))
    .map(({ patient }) => patient);

/** Sets the positions and the waiting times. */
function setPositionsAndWaits({ now }: QueueDay, patients: QueuedPatient[], reserved: DoctorTime[]): void {
  for (const doctorId of new Set(patients.map((patient) => patient.doctorId))) {
    const own = patients.filter((patient) => patient.doctorId === doctorId);
    const waits = estimateWaits(
      own.map(toVisit),
      reserved.filter((time) => time.doctorId === doctorId),
      now,
    );
    const waiting = own.filter(({ status }) => status === 'WAITING');
    for (const [index, patient] of waiting.entries()) {
      patient.position = index + 1;
      patient.estimatedWaitMinutes = waits.get(patient.id) ?? null;
    }
  }
}

export const toPlace = (patient: QueuedPatient): Place => ({
  number: patient.number,
  arrivedAt: Date.parse(patient.arrivedAt),
  startAt: toMillis(patient.startAt),
  sortAt: toMillis(patient.sortAt),
  sortTie: patient.sortTie,
});

function toVisit(patient: QueuedPatient): QueuedVisit {
  const [startAt, endAt] = [toMillis(patient.startAt), toMillis(patient.endAt)];
  return {
    id: patient.id,
    status: patient.status,
    appointmentId: patient.appointmentId,
    groupId: patient.groupId,
    startAt,
    plannedMinutes: startAt !== null && endAt !== null ? (endAt - startAt) / MINUTE : patient.durationMinutes,
    startedAt: toMillis(patient.startedAt),
    completedAt: toMillis(patient.completedAt),
    wasMoved: patient.sortAt !== null,
  };
}

const toMillis = (instant: string | null): number | null => (instant === null ? null : Date.parse(instant));

/**
 * Completes the row itself: a copy would take as long as its reading.
 * @returns null if the patient is not in the queue now
 */
function toPatient(row: QueueRow): QueuedPatient | null {
  const status = toStatus(row);
  const arrivedAt = row.arrivedAt ?? row.checkedInAt ?? row.startedAt;
  if (!status || !arrivedAt) return null;
  return Object.assign(row as Omit<QueueRow, 'status' | 'arrivedAt'>, {
    status,
    arrivedAt,
    position: null,
    estimatedWaitMinutes: null,
  });
}

function toStatus({ status, checkedInAt, calledAt, leftAt }: QueueRow): QueueStatus | null {
  switch (status) {
    case null:
      return leftAt ? null : 'WAITING';
    case 'IN_PROGRESS':
      return 'IN_ROOM';
    case 'COMPLETED':
      return 'DONE';
    case 'CONFIRMED':
      if (!checkedInAt) return null;
      return calledAt ? 'CALLED' : 'WAITING';
    default:
      return null;
  }
}
