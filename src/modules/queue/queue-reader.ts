import { Injectable } from '@nestjs/common';
import { comparePlaces, type Place, type QueueStatus } from './queue-order.js';
import { QueueRepository, type QueueDay, type QueueRow } from './queue.repository.js';
import { estimateWaits, type ReservedTime } from './waiting-times.js';

/** A patient of the queue, with what is computed. */
export interface QueuedPatient extends Omit<QueueRow, 'status' | 'arrivedAt'> {
  status: QueueStatus;
  arrivedAt: Date;
  /** Among the waiting patients of the doctor, from 1. Null unless the patient waits. */
  position: number | null;
  estimatedWaitMinutes: number | null;
}

export interface Queue extends QueueDay {
  /** In the room, called, waiting, done; the waiting ones in their order. */
  patients: QueuedPatient[];
}

type DoctorTime = ReservedTime & { doctorId: string };

/** What a reader of the day knows already. */
export interface KnownToday {
  today: QueueDay;
  /** The reserved times of the day, of the doctors whose waiting times are needed. */
  reserved: DoctorTime[];
  /** The visits whose patients have arrived. */
  arrived: string[];
}

const ORDER: Record<QueueStatus, number> = { IN_ROOM: 0, CALLED: 1, WAITING: 2, DONE: 3 };
const MINUTE = 60_000;

/** Reads the queue of a clinic's current day: the status of each patient follows from their visit. */
@Injectable()
export class QueueReader {
  constructor(private readonly entries: QueueRepository) {}

  async read(clinicId: string): Promise<Queue> {
    const today = await this.entries.getToday(clinicId);
    await this.numberMissing(today);
    const patients = toPatients(await this.entries.list(today));
    const reserved = await this.entries.findReserved(today, [...new Set(patients.map(({ doctorId }) => doctorId))]);
    estimate(today, patients, reserved);
    return { ...today, patients };
  }

  /** The same with one statement. */
  async readToday({ today, reserved, arrived }: KnownToday): Promise<QueuedPatient[]> {
    let rows = await this.entries.list(today);
    const listed = new Set(rows.map(({ appointmentId }) => appointmentId));
    if (arrived.some((id) => !listed.has(id))) {
      await this.numberMissing(today);
      rows = await this.entries.list(today);
    }
    const patients = toPatients(rows);
    estimate(
      today,
      patients,
      reserved.filter(({ end }) => end > today.now),
    );
    return patients;
  }

  /** Only after an upgrade: the check-in gives the number. */
  private async numberMissing(today: QueueDay): Promise<void> {
    if ((await this.entries.findUnnumbered(today)).length === 0) return;
    await this.entries.locked(today.clinicId, async () => {
      for (const visit of await this.entries.findUnnumbered(today)) await this.entries.addVisit(visit, false);
    });
  }
}

const toPatients = (rows: QueueRow[]): QueuedPatient[] => rows.flatMap(toPatient).sort(comparePatients);

/** Sets the positions and the waiting times. */
function estimate({ now }: QueueDay, patients: QueuedPatient[], reserved: DoctorTime[]): void {
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
  arrivedAt: patient.arrivedAt.getTime(),
  startAt: toMillis(patient.startAt),
  sortAt: toMillis(patient.sortAt),
  sortTie: patient.sortTie,
});

const toVisit = (patient: QueuedPatient): Parameters<typeof estimateWaits>[0][number] => ({
  id: patient.id,
  status: patient.status,
  appointmentId: patient.appointmentId,
  groupId: patient.groupId,
  startAt: toMillis(patient.startAt),
  plannedMinutes:
    patient.startAt && patient.endAt
      ? (patient.endAt.getTime() - patient.startAt.getTime()) / MINUTE
      : patient.durationMinutes,
  startedAt: toMillis(patient.startedAt),
  completedAt: toMillis(patient.completedAt),
  wasMoved: patient.sortAt !== null,
});

const toMillis = (instant: Date | null): number | null => instant?.getTime() ?? null;

/** @returns an empty list if the patient is not in the queue now */
function toPatient(row: QueueRow): QueuedPatient[] {
  const status = toStatus(row);
  const arrivedAt = row.arrivedAt ?? row.checkedInAt ?? row.startedAt;
  if (!status || !arrivedAt) return [];
  return [{ ...row, status, arrivedAt, position: null, estimatedWaitMinutes: null }];
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

function comparePatients(a: QueuedPatient, b: QueuedPatient): number {
  if (a.status !== b.status) return ORDER[a.status] - ORDER[b.status];
  if (a.status === 'WAITING') return comparePlaces(toPlace(a), toPlace(b));
  const since = ({ status, startedAt, calledAt, completedAt }: QueuedPatient): number =>
    toMillis({ IN_ROOM: startedAt, CALLED: calledAt, DONE: completedAt, WAITING: null }[status]) ?? 0;
  return since(a) - since(b) || a.number - b.number;
}
