import { Injectable } from '@nestjs/common';
import { Zone } from '../../core/kernel/zone.js';
import type { AppointmentView } from '../appointments/index.js';
import { ClientsService } from '../clients/index.js';
import { ClinicsService } from '../clinics/index.js';
import { DoctorsService } from '../doctors/index.js';
import type { BookedDoctorView, BookingStatus, MobileBookingView } from './bookings.dto.js';
import { toClockTime } from './clock-time.js';
import { MobileIds } from './mobile-ids.service.js';
import { fullName } from './person-name.js';

/** The data that a list of appointments needs in addition: doctors, time zones and numbers. */
interface BookingContext {
  doctors: Map<string, BookedDoctorView>;
  zones: Map<string, Zone>;
  getBookingNumber: (id: string) => number;
  getDoctorNumber: (id: string) => number;
  getUserNumber: (clientId: string) => number;
}

/** Converts appointments to the app's format. */
@Injectable()
export class BookingViews {
  constructor(
    private readonly doctors: DoctorsService,
    private readonly clinics: ClinicsService,
    private readonly clients: ClientsService,
    private readonly ids: MobileIds,
  ) {}

  async toViews(appointments: readonly AppointmentView[]): Promise<MobileBookingView[]> {
    const context = await this.loadContext(appointments);
    return appointments.map((appointment) => toView(appointment, context));
  }

  private async loadContext(appointments: readonly AppointmentView[]): Promise<BookingContext> {
    const doctorIds = [...new Set(appointments.map(({ doctorId }) => doctorId))];
    const doctors = await this.doctors.findByIds(doctorIds);
    const zones = new Map<string, Zone>();
    for (const { clinicId } of appointments) {
      if (!zones.has(clinicId)) zones.set(clinicId, Zone.of((await this.clinics.get(clinicId)).timeZone));
    }
    const users = await this.clients.findUserIds(appointments.map(({ clientId }) => clientId));
    const getAccountNumber = await this.ids.getNumbers('user', [...users.values()]);
    return {
      doctors: new Map(doctors.map((doctor) => [doctor.id, toBookedDoctor(doctor)])),
      zones,
      getBookingNumber: await this.ids.getNumbers(
        'booking',
        appointments.map(({ id }) => id),
      ),
      getDoctorNumber: await this.ids.getNumbers('doctor', doctorIds),
      getUserNumber: (clientId) => getAccountNumber(users.get(clientId) as string),
    };
  }
}

const toBookedDoctor = ({ title, firstName, lastName, speciality }: DoctorSummary): BookedDoctorView => ({
  name: fullName(title, firstName, lastName),
  specialty: speciality,
});

interface DoctorSummary {
  title: string | null;
  firstName: string;
  lastName: string;
  speciality: string;
}

/** The app knows four statuses. A missed visit is shown as canceled: it is over and not completed. */
const STATUS: Record<AppointmentView['status'], BookingStatus> = {
  PENDING: 'pending',
  CONFIRMED: 'upcoming',
  IN_PROGRESS: 'upcoming',
  COMPLETED: 'completed',
  CANCELLED: 'canceled',
  NO_SHOW: 'canceled',
};

const DELETED_DOCTOR: BookedDoctorView = { name: '', specialty: '' };

function toView(appointment: AppointmentView, context: BookingContext): MobileBookingView {
  const { id, clientId, clinicId, doctorId, startDateTime, status, notes, createdAt } = appointment;
  const doctor = context.doctors.get(doctorId) ?? DELETED_DOCTOR;
  return {
    id: context.getBookingNumber(id),
    userId: context.getUserNumber(clientId),
    doctorId: context.getDoctorNumber(doctorId),
    doctor,
    doctorName: doctor.name,
    doctorSpecialty: doctor.specialty,
    ...toClockTime(context.zones.get(clinicId) ?? Zone.of('UTC'), startDateTime.getTime()),
    startDateTime,
    status: STATUS[status],
    notes,
    createdAt,
  };
}
