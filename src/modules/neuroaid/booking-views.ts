import { Injectable } from '@nestjs/common';
import { Zone } from '../../core/kernel/zone.js';
import type { AppointmentView } from '../appointments/index.js';
import { ClientsService } from '../clients/index.js';
import { ClinicsService } from '../clinics/index.js';
import { DoctorsService } from '../doctors/index.js';
import type { BookedDoctorView, BookingStatus, MobileBookingView } from './bookings.dto.js';
import { localTimeOf } from './clock-time.js';
import { MobileIds } from './mobile-ids.service.js';
import { fullName } from './person-name.js';

/** What a list of appointments needs besides: doctors, zones of the clinics, numbers. */
interface Surroundings {
  doctors: Map<string, BookedDoctorView>;
  zones: Map<string, Zone>;
  bookingNumber: (id: string) => number;
  doctorNumber: (id: string) => number;
  userNumber: (clientId: string) => number;
}

/** Appointments as the client reads them. */
@Injectable()
export class BookingViews {
  constructor(
    private readonly doctors: DoctorsService,
    private readonly clinics: ClinicsService,
    private readonly clients: ClientsService,
    private readonly ids: MobileIds,
  ) {}

  async of(appointments: readonly AppointmentView[]): Promise<MobileBookingView[]> {
    const around = await this.surroundingsOf(appointments);
    return appointments.map((appointment) => viewOf(appointment, around));
  }

  private async surroundingsOf(appointments: readonly AppointmentView[]): Promise<Surroundings> {
    const doctorIds = [...new Set(appointments.map(({ doctorId }) => doctorId))];
    const doctors = await this.doctors.findAll(doctorIds);
    const zones = new Map<string, Zone>();
    for (const { clinicId } of appointments) {
      if (!zones.has(clinicId)) zones.set(clinicId, Zone.of((await this.clinics.get(clinicId)).timeZone));
    }
    const users = await this.clients.userIdsOf(appointments.map(({ clientId }) => clientId));
    const numberOfUser = await this.ids.numbersOf('user', [...users.values()]);
    return {
      doctors: new Map(doctors.map((doctor) => [doctor.id, shown(doctor)])),
      zones,
      bookingNumber: await this.ids.numbersOf(
        'booking',
        appointments.map(({ id }) => id),
      ),
      doctorNumber: await this.ids.numbersOf('doctor', doctorIds),
      userNumber: (clientId) => numberOfUser(users.get(clientId) as string),
    };
  }
}

const shown = ({ title, firstName, lastName, speciality }: DoctorName): BookedDoctorView => ({
  name: fullName(title, firstName, lastName),
  specialty: speciality,
});

interface DoctorName {
  title: string | null;
  firstName: string;
  lastName: string;
  speciality: string;
}

/** The client has four words. A missed visit is over and was not completed. */
const STATUS: Record<AppointmentView['status'], BookingStatus> = {
  PENDING: 'pending',
  CONFIRMED: 'upcoming',
  IN_PROGRESS: 'upcoming',
  COMPLETED: 'completed',
  CANCELLED: 'canceled',
  NO_SHOW: 'canceled',
};

const GONE: BookedDoctorView = { name: '', specialty: '' };

function viewOf(appointment: AppointmentView, around: Surroundings): MobileBookingView {
  const { id, clientId, clinicId, doctorId, startDateTime, status, notes, createdAt } = appointment;
  const doctor = around.doctors.get(doctorId) ?? GONE;
  return {
    id: around.bookingNumber(id),
    userId: around.userNumber(clientId),
    doctorId: around.doctorNumber(doctorId),
    doctor,
    doctorName: doctor.name,
    doctorSpecialty: doctor.specialty,
    ...localTimeOf(around.zones.get(clinicId) ?? Zone.of('UTC'), startDateTime.getTime()),
    startDateTime,
    status: STATUS[status],
    notes,
    createdAt,
  };
}
