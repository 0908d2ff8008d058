import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { worksAt, worksAtFrontDesk, type Actor } from '../../core/kernel/actor.js';
import { notFound } from '../../core/kernel/domain-error.js';
import { NIL_ID } from '../../core/kernel/id.js';
import { toView } from './queue-access.js';
import { QueueReader, type PreloadedDay } from './queue-reader.js';
import type { QueueBoardQuery, QueueQuery, SentQueueEntry, WaitingRoomView } from './queue.dto.js';

/** Shows the queue of a clinic's current day. */
@Injectable()
export class QueueService {
  constructor(
    private readonly queues: QueueReader,
    private readonly changes: ChangeLog,
  ) {}

  /** Audits the read with one row, for the clinic of the queue, that has the patients whose names are shown. */
  async list(actor: Actor, query: QueueQuery): Promise<SentQueueEntry[]> {
    const clinicId = query.clinicId.toLowerCase();
    const doctorId = query.doctorId?.toLowerCase();
    if (!worksAt(actor, clinicId)) throw notFound();
    const { patients } = await this.queues.read(clinicId);
    const views = patients
      .filter((patient) => doctorId === undefined || patient.doctorId === doctorId)
      .map((patient) => toView(actor, clinicId, patient));
    const clientIds = [...new Set(views.flatMap(({ clientId }) => clientId ?? []))];
    await this.changes.recordAccess({
      action: 'queue_entry.list-read',
      objectType: 'queue_entry',
      objectId: NIL_ID,
      clinicId,
      changes: { clientIds },
    });
    return views;
  }

  /** For the day view, which has read the day and its visits already, and audits the read: one more statement. */
  async listPreloaded(
    actor: Actor,
    { doctorId, ...day }: PreloadedDay & { doctorId?: string },
  ): Promise<SentQueueEntry[]> {
    const patients = await this.queues.readPreloaded(day);
    return patients
      .filter((patient) => doctorId === undefined || patient.doctorId === doctorId)
      .map((patient) => toView(actor, day.today.clinicId, patient));
  }

  /** For the screen of a waiting room: nothing that says who a patient is, or why they are here. */
  async getBoard(actor: Actor, query: QueueBoardQuery): Promise<WaitingRoomView> {
    const clinicId = query.clinicId.toLowerCase();
    if (!worksAtFrontDesk(actor, clinicId)) throw notFound();
    const { day: date, patients } = await this.queues.read(clinicId);
    const rooms = await this.queues.findRooms(patients.filter(({ status }) => status !== 'DONE'));
    const entries = patients.flatMap(({ number, status, doctorId, appointmentId, estimatedWaitMinutes }) =>
      status === 'DONE'
        ? []
        : [{ number, status, doctorId, rooms: rooms.get(appointmentId ?? '') ?? [], estimatedWaitMinutes }],
    );
    return { clinicId, date, entries };
  }
}
