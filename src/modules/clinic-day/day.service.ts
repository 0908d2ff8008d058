import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { worksAt, type Actor } from '../../core/kernel/actor.js';
import { Clock } from '../../core/kernel/clock.js';
import { notFound } from '../../core/kernel/domain-error.js';
import { NIL_ID } from '../../core/kernel/id.js';
import { DayRepository, type BusyRow, type Expandable, type SentAppointment } from '../appointments/index.js';
import { QueueService, type SentQueueEntry } from '../queue/index.js';
import { ClinicSchedulesService, type ClinicDay } from '../scheduling/index.js';
import type { DayQuery, SentDay } from './day.dto.js';
import { toDayView } from './day-view.js';

/** The doctors are listed once for the day. */
const DEFAULT_EXPANSION: readonly Expandable[] = ['client', 'service', 'resources'];

/** The day, with what only the printed one needs: the clinic's name and locale. */
export interface ReadDay {
  view: SentDay;
  name: string;
  locale: string;
}

/** Shows a clinic's day with a constant number of statements. */
@Injectable()
export class DayService {
  constructor(
    private readonly schedules: ClinicSchedulesService,
    private readonly days: DayRepository,
    private readonly queues: QueueService,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
  ) {}

  /**
   * Doctors see their own visits; those of other doctors are busy times without names. Audits the read with one row.
   * @throws DomainError NOT_FOUND for a clinic at which the actor does not work
   */
  async get(actor: Actor, clinicId: string, query: DayQuery): Promise<ReadDay> {
    if (!worksAt(actor, clinicId)) throw notFound();
    const { date, doctorId, status, expand = DEFAULT_EXPANSION } = query;
    const clinic = await this.schedules.getDay(clinicId, date);
    const doctors = doctorId ? clinic.doctors.filter(({ id }) => id === doctorId.toLowerCase()) : clinic.doctors;
    const now = this.clock.now();
    const busy = await this.days.findBusy(
      doctors.map(({ resourceId }) => resourceId),
      clinic.day,
      expand,
      now,
    );
    const appointments = await this.days.findAppointments({
      clinicId,
      day: clinic.day,
      doctorId: whoseVisits(actor, doctorId),
      expand,
    });
    const view = toDayView({
      clinicId: clinicId.toLowerCase(),
      clinic,
      doctors,
      appointments,
      busy: actor.role === 'DOCTOR' ? busy.map((row) => hideHold(actor, row)) : busy,
      queue: await this.readQueue(actor, { clinicId, clinic, doctorId, appointments, busy, now }),
      now,
    });
    await this.recordRead(clinicId, view);
    const shown = status ? appointments.filter((visit) => status.includes(visit.status)) : appointments;
    return { view: { ...view, appointments: shown }, name: clinic.name, locale: clinic.locale };
  }

  private async readQueue(
    actor: Actor,
    { clinicId, clinic, doctorId, appointments, busy, now }: QueueRequest,
  ): Promise<SentQueueEntry[]> {
    if (!clinic.isToday) return [];
    const doctorIds = new Map(clinic.doctors.map(({ id, resourceId }) => [resourceId, id]));
    return this.queues.listPreloaded(actor, {
      today: { clinicId: clinicId.toLowerCase(), day: clinic.date, ...clinic.day, now },
      doctorId: doctorId?.toLowerCase(),
      reserved: busy.map(({ resourceId, appointmentId, start, end }) => ({
        doctorId: doctorIds.get(resourceId) ?? NIL_ID,
        appointmentId,
        start,
        end,
      })),
      arrived: appointments.filter(hasArrived).map(({ id }) => id),
    });
  }

  private recordRead(clinicId: string, { date, appointments, holds, queue }: SentDay): Promise<void> {
    const clientIds = new Set<string>();
    for (const list of [appointments, holds, queue])
      for (const { clientId } of list) if (clientId !== null) clientIds.add(clientId);
    return this.changes.recordAccess({
      action: 'appointment.list-read',
      objectType: 'appointment',
      objectId: NIL_ID,
      clinicId,
      changes: { clientIds: [...clientIds], date },
    });
  }
}

interface QueueRequest {
  clinicId: string;
  clinic: ClinicDay;
  doctorId: string | undefined;
  appointments: SentAppointment[];
  busy: BusyRow[];
  now: number;
}

/** Whether the patient of the visit has a number in the queue. */
const hasArrived = ({ status, checkedInAt }: SentAppointment): boolean =>
  status === 'IN_PROGRESS' || status === 'COMPLETED' || (status === 'CONFIRMED' && checkedInAt !== null);

/** The doctor whose visits the actor sees: null for all, the nil id for nobody. */
function whoseVisits({ role, doctorId }: Actor, requested: string | undefined): string | null {
  if (role !== 'DOCTOR') return requested ?? null;
  const isOther = requested !== undefined && requested.toLowerCase() !== doctorId;
  return isOther ? NIL_ID : (doctorId ?? NIL_ID);
}

/** For a doctor: holds of other doctors are busy times, and the holder of one of their own times is not their patient yet. */
function hideHold({ doctorId }: Actor, { hold, ...busy }: BusyRow): BusyRow {
  if (hold?.doctorId !== doctorId) return { ...busy, hold: null };
  const { client: _, ...rest } = hold;
  return { ...busy, hold: { ...rest, clientId: null } };
}
