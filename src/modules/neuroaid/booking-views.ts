import { Injectable } from '@nestjs/common';
import { Config, publicUrl } from '../../core/config/config.js';
import { Page } from '../../core/http/page.js';
import { Zone } from '../../core/kernel/zone.js';
import type { Actor } from '../../core/security/actor.js';
import type { AppointmentView } from '../appointments/index.js';
import { ClinicsService } from '../clinics/index.js';
import { DoctorsService } from '../doctors/index.js';
import type { BookedDoctorView, MobileBookingView } from './bookings.dto.js';
import { doctorViewOf } from './doctors.dto.js';
import { localTimeOf } from './local-start.js';

/** What stands beside the appointments: who the doctors are, and what the clocks of the clinics show. */
interface Surroundings {
  doctors: Map<string, BookedDoctorView>;
  zones: Map<string, Zone>;
}

/** Appointments as the client reads them. */
@Injectable()
export class BookingViews {
  constructor(
    private readonly doctors: DoctorsService,
    private readonly clinics: ClinicsService,
    private readonly config: Config,
  ) {}

  async page(
    actor: Actor,
    { items, limit, nextCursor, total }: Page<AppointmentView>,
  ): Promise<Page<MobileBookingView>> {
    const around = await this.surroundingsOf(items);
    return new Page(
      items.map((item) => viewOf(actor, item, around)),
      limit,
      nextCursor,
      total,
    );
  }

  async of(actor: Actor, appointment: AppointmentView): Promise<MobileBookingView> {
    return viewOf(actor, appointment, await this.surroundingsOf([appointment]));
  }

  private async surroundingsOf(appointments: AppointmentView[]): Promise<Surroundings> {
    const doctors = await this.doctors.findAll([...new Set(appointments.map(({ doctorId }) => doctorId))]);
    const zones = new Map<string, Zone>();
    for (const { clinicId } of appointments) {
      if (!zones.has(clinicId)) zones.set(clinicId, Zone.of((await this.clinics.get(clinicId)).timeZone));
    }
    return { doctors: new Map(doctors.map((doctor) => [doctor.id, this.shown(doctor)])), zones };
  }

  private shown(doctor: Parameters<typeof doctorViewOf>[0]): BookedDoctorView {
    const { name, specialty, image } = doctorViewOf(doctor, publicUrl(this.config));
    return { name, specialty, image };
  }
}

function viewOf(actor: Actor, appointment: AppointmentView, { doctors, zones }: Surroundings): MobileBookingView {
  const doctor = doctors.get(appointment.doctorId) ?? null;
  const zone = zones.get(appointment.clinicId) ?? Zone.of('UTC');
  return {
    ...appointment,
    userId: appointment.clientId === actor.clientId ? actor.userId : null,
    ...localTimeOf(zone, appointment.startDateTime.getTime()),
    doctor,
    doctorName: doctor?.name ?? '',
    doctorSpecialty: doctor?.specialty ?? '',
  };
}
