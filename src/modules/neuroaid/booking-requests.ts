import { Injectable } from '@nestjs/common';
import { invalid } from '../../core/kernel/domain-error.js';
import { Zone } from '../../core/kernel/zone.js';
import type { Actor } from '../../core/kernel/actor.js';
import type { AppointmentsQuery, BookAppointment } from '../appointments/index.js';
import { ClinicsService } from '../clinics/index.js';
import { DoctorsService, type DoctorView } from '../doctors/index.js';
import { ServicesService } from '../scheduling/index.js';
import type { MobileBookAppointment, MobileBookingsQuery } from './bookings.dto.js';
import { parseDay, toInstant } from './clock-time.js';
import type { MobileId } from './mobile-id.js';
import { MobileIds } from './mobile-ids.service.js';

/** Converts the app's requests to those of /api/v1: ids, service and start. */
@Injectable()
export class BookingRequests {
  constructor(
    private readonly doctors: DoctorsService,
    private readonly clinics: ClinicsService,
    private readonly services: ServicesService,
    private readonly ids: MobileIds,
  ) {}

  /** @throws DomainError VALIDATION_ERROR, NOT_FOUND */
  async toBookAppointment(actor: Actor, request: MobileBookAppointment): Promise<BookAppointment> {
    const { userId, doctorId: mobileDoctorId, doctorName: _n, doctorSpecialty: _s, status: _t, ...body } = request;
    const { serviceId, startDateTime, date, time, ...rest } = body;
    await this.ids.assertOwnUser(actor, userId);
    assertOneStart(request);
    const doctorId = await this.ids.getUuid('doctor', mobileDoctorId);
    if (serviceId && startDateTime) return { ...rest, doctorId, serviceId, startDateTime };
    const doctor = await this.doctors.get(actor, doctorId);
    return {
      ...rest,
      doctorId,
      serviceId: serviceId ?? (await this.getDefaultService(doctorId)),
      startDateTime: startDateTime ?? (await this.toStart(doctor, date ?? '', time ?? '')),
    };
  }

  /** @throws DomainError NOT_FOUND */
  async toAppointmentsQuery(
    actor: Actor,
    { userId, doctorId, ...query }: MobileBookingsQuery,
  ): Promise<AppointmentsQuery> {
    await this.ids.assertOwnUser(actor, userId);
    return { ...query, ...(doctorId !== undefined && { doctorId: await this.ids.getUuid('doctor', doctorId) }) };
  }

  /** @throws DomainError NOT_FOUND */
  getUuid(id: MobileId): Promise<string> {
    return this.ids.getUuid('booking', id);
  }

  private async getDefaultService(doctorId: string): Promise<string> {
    const serviceId = (await this.services.findDefaults([doctorId])).get(doctorId);
    if (!serviceId) throw invalid({ field: 'doctorId', error: 'is a doctor who provides no service at the moment' });
    return serviceId;
  }

  private async toStart({ clinicId }: DoctorView, date: string, time: string): Promise<string> {
    const day = parseDay(date);
    if (!day) throw invalid({ field: 'date', error: 'must be a day, such as 2026-12-02 or 2026-12-02T00:00:00.000Z' });
    const { timeZone } = await this.clinics.get(clinicId);
    const start = toInstant(Zone.of(timeZone), day, time);
    if (start === null) throw invalid({ field: 'time', error: 'must be a time that exists on that day' });
    return new Date(start).toISOString();
  }
}

function assertOneStart({ startDateTime, date, time }: MobileBookAppointment): void {
  if (startDateTime && (date || time)) {
    throw invalid({ field: 'startDateTime', error: 'must be given, or date and time, but not both' });
  }
  if (startDateTime || (date && time)) return;
  const field = date ? 'time' : time ? 'date' : 'startDateTime';
  throw invalid({ field, error: field === 'startDateTime' ? 'must be given, or date and time' : 'must be given' });
}
