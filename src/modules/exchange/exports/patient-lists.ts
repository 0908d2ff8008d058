import { Injectable } from '@nestjs/common';
import { AppointmentsService, type AppointmentsQuery } from '../../appointments/index.js';
import { ClientsService, type ClientsQuery } from '../../clients/index.js';
import { ReferralsService, type ReferralsQuery } from '../../referrals/index.js';
import { WaitlistService, type WaitlistQuery } from '../../waitlist/index.js';
import { days, instants, LOCAL_ZONE, offset, values } from './columns.js';
import type { ExportedList } from './exported-list.js';

/** The lists of patients and their visits. */
@Injectable()
export class PatientLists {
  constructor(
    private readonly appointmentsService: AppointmentsService,
    private readonly clientsService: ClientsService,
    private readonly waitlistService: WaitlistService,
    private readonly referralsService: ReferralsService,
  ) {}

  /** With the names of patient, doctor, service and rooms, which the list has with `expand`. */
  readonly appointments: ExportedList<AppointmentsQuery> = {
    name: 'appointments',
    objectType: 'appointment',
    byClinic: true,
    columns: [
      ...values('id', 'clinicId'),
      ...instants('startDateTime', 'endDateTime'),
      ...[LOCAL_ZONE, offset('startDateTime')],
      ...values('status', 'clientId', 'client.firstName', 'client.lastName'),
      ...values('doctorId', 'doctor.title', 'doctor.firstName', 'doctor.lastName', 'serviceId', 'service.name'),
      ...values('resourceIds', 'price.amount', 'price.currency', 'notes', 'staffNotes', 'insuranceNote'),
      ...values('seriesId', 'groupId'),
      ...instants('clientConfirmedAt', 'checkedInAt', 'startedAt', 'completedAt', 'cancelledAt'),
      ...values('cancelReason'),
      ...instants('createdAt', 'updatedAt'),
      ...values('version'),
    ],
    read: (actor, query) => this.appointmentsService.list(actor, { ...query, expand: ['client', 'doctor', 'service'] }),
  };

  readonly clients: ExportedList<ClientsQuery> = {
    name: 'clients',
    objectType: 'client',
    byClinic: false,
    columns: [
      ...values('id', 'userId', 'clinicId', 'clinicIds', 'mrn', 'firstName', 'lastName'),
      ...days('dateOfBirth'),
      ...values('sex', 'email', 'emailVerified', 'phone', 'address', 'emergencyContact', 'notes', 'timeZone', 'locale'),
      ...instants('createdAt', 'updatedAt'),
      LOCAL_ZONE,
      ...values('version'),
    ],
    read: (actor, query) => this.clientsService.list(actor, query),
  };

  readonly waitlist: ExportedList<WaitlistQuery> = {
    name: 'waitlist',
    objectType: 'waitlist_entry',
    byClinic: true,
    columns: [
      ...values('id', 'clinicId', 'clientId', 'client.firstName', 'client.lastName', 'serviceId', 'doctorId'),
      ...days('from', 'to'),
      ...values('weekdays', 'startTime', 'endTime', 'urgency', 'status', 'position'),
      ...instants('offer.startDateTime', 'offer.endDateTime'),
      ...values('offer.doctorId'),
      ...instants('offer.expiresAt'),
      ...values('appointmentId', 'referralId'),
      ...instants('createdAt'),
      LOCAL_ZONE,
      ...values('version'),
    ],
    read: (actor, query) => this.waitlistService.list(actor, query),
  };

  readonly referrals: ExportedList<ReferralsQuery> = {
    name: 'referrals',
    objectType: 'referral',
    byClinic: true,
    columns: [
      ...values('id', 'clinicId', 'clientId', 'serviceId', 'doctorId'),
      ...days('validFrom', 'validTo'),
      ...values('reason', 'appointmentId'),
      ...instants('createdAt'),
      LOCAL_ZONE,
    ],
    read: (actor, query) => this.referralsService.list(actor, actor, query),
  };
}
