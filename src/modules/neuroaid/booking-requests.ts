import { Injectable } from '@nestjs/common';
import { isLocalDay } from '../../core/http/instants.js';
import { invalid } from '../../core/kernel/domain-error.js';
import { Zone } from '../../core/kernel/zone.js';
import type { Actor } from '../../core/security/actor.js';
import type { BookAppointment } from '../appointments/index.js';
import { ClinicsService } from '../clinics/index.js';
import { DoctorsService, type DoctorView } from '../doctors/index.js';
import type { MobileBookAppointment } from './bookings.dto.js';
import { startOf } from './local-start.js';
import { assertOwn } from './own-user.js';

/** The client's booking in the words of /api/v1: which service, and which instant. Decides nothing else. */
@Injectable()
export class BookingRequests {
  constructor(
    private readonly doctors: DoctorsService,
    private readonly clinics: ClinicsService,
  ) {}

  /** @throws DomainError VALIDATION_ERROR, NOT_FOUND */
  async of(actor: Actor, request: MobileBookAppointment): Promise<BookAppointment> {
    const {
      serviceId,
      startDateTime,
      date,
      time,
      userId,
      doctorName: _n,
      doctorSpecialty: _s,
      status: _t,
      ...rest
    } = request;
    assertOwn(actor, userId);
    assertOneStart(request);
    if (serviceId && startDateTime) return { ...rest, serviceId, startDateTime };
    const doctor = await this.doctors.get(actor, request.doctorId.toLowerCase());
    return {
      ...rest,
      serviceId: serviceId ?? onlyServiceOf(doctor),
      startDateTime: startDateTime ?? (await this.startAt(doctor, date ?? '', time ?? '')),
    };
  }

  private async startAt({ clinicId }: DoctorView, date: string, time: string): Promise<string> {
    const day = date.slice(0, 10);
    if (!isLocalDay(day)) throw invalid({ field: 'date', error: 'must be a day of the calendar' });
    const { timeZone } = await this.clinics.get(clinicId);
    const start = startOf(Zone.of(timeZone), day, time);
    if (start === null) throw invalid({ field: 'time', error: 'must be a time that the clocks show on that day' });
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

/** To pick one of several would be to pick a price and a length that nobody asked for. */
function onlyServiceOf({ serviceIds }: DoctorView): string {
  const [only, ...others] = serviceIds;
  if (!only || others.length > 0) throw invalid({ field: 'serviceId', error: 'must say which service of the doctor' });
  return only;
}
