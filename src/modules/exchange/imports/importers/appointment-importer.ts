import { Injectable } from '@nestjs/common';
import { Clock } from '../../../../core/kernel/clock.js';
import { ImportedVisitsService, type ImportedOutcome, type ImportedVisit } from '../../../appointments/index.js';
import { ImportedClientsService, type PatientReference } from '../../../clients/index.js';
import { ImportKeysRepository } from '../import-keys.repository.js';
import { splitName } from '../values/names.js';
import type { CellProblem } from '../values/row-reader.js';
import { readVisitTimes, type VisitTimes } from '../values/visit-times.js';
import { CatalogueLoader, type ClinicCatalogue } from './clinic-catalogue.js';
import {
  text,
  type CheckedRow,
  type ImportContext,
  type Importer,
  type RowError,
  type RowOutcome,
  type Values,
} from './importer.js';
import { toRowErrors } from './row-attempts.js';

export interface AppointmentRequest extends VisitTimes {
  patient: PatientReference;
  clientExternalId: string | undefined;
  doctor: string;
  service: string;
  status: ImportedVisit['status'];
  notes: string | null;
  staffNotes: string | null;
}

const MAX_NOTES_CHARACTERS = 2_000;

/** Imports past and upcoming visits. */
@Injectable()
export class AppointmentImporter implements Importer<AppointmentRequest> {
  // A dry run books and rolls back: few at once, so that others do not wait for these times.
  readonly batchSize = 25;

  constructor(
    private readonly visits: ImportedVisitsService,
    private readonly clients: ImportedClientsService,
    private readonly catalogues: CatalogueLoader,
    private readonly keys: ImportKeysRepository,
    private readonly clock: Clock,
  ) {}

  check(values: Values, { zone }: ImportContext): CheckedRow<AppointmentRequest> {
    const errors: CellProblem[] = [];
    const require = (field: string): string => {
      const value = text(values, field);
      if (value === undefined) errors.push({ field, error: 'is missing' });
      return value ?? '';
    };
    const times = readVisitTimes(values, zone, errors);
    const status = (text(values, 'status') ?? null) as ImportedVisit['status'];
    if (errors.length === 0 && isOpen(status) && (times.end ?? times.start).getTime() <= this.clock.now())
      errors.push({
        field: 'status',
        error: `cannot be ${status} in the past. Write what became of the visit, such as COMPLETED`,
      });
    const readNotes = (field: string): string | null => {
      const notes = text(values, field) ?? null;
      if (notes !== null && notes.length > MAX_NOTES_CHARACTERS)
        errors.push({ field, error: `must be shorter than or equal to ${MAX_NOTES_CHARACTERS} characters` });
      return notes;
    };
    const request = {
      ...{
        ...times,
        notes: readNotes('notes'),
        staffNotes: readNotes('staffNotes'),
        doctor: require('doctor'),
        service: require('service'),
      },
      patient: toReference(values),
      clientExternalId: text(values, 'clientExternalId'),
      status,
    };
    if (request.clientExternalId === undefined && Object.keys(request.patient).length === 0)
      errors.push({ field: 'client', error: 'is missing' });
    return { request, errors };
  }

  async importAll(context: ImportContext, requests: readonly AppointmentRequest[]): Promise<RowOutcome[]> {
    const catalogue = await this.catalogues.load(context, {
      doctors: requests.map(({ doctor }) => doctor),
      services: requests.map(({ service }) => service),
    });
    const clientIds = await this.findClients(context, requests);
    const outcomes: RowOutcome[] = [];
    const visits: { index: number; visit: ImportedVisit }[] = [];
    for (const [index, request] of requests.entries()) {
      const visit = toVisit(request, clientIds[index] ?? null, catalogue);
      if ('errors' in visit) outcomes[index] = visit;
      else visits.push({ index, visit });
    }
    const recorded = await this.visits.record(
      context.actor,
      visits.map(({ visit }) => visit),
    );
    for (const [at, { index }] of visits.entries()) outcomes[index] = toOutcome(recorded[at]);
    return outcomes;
  }

  /** By the id of the other system, or by what the row says about the patient. */
  private async findClients(
    { clinicId }: ImportContext,
    requests: readonly AppointmentRequest[],
  ): Promise<(string | null)[]> {
    const keys = await Promise.all(
      requests.map(async ({ clientExternalId: id }) =>
        id ? await this.keys.compute(clinicId, 'clients', ['id', id]) : null,
      ),
    );
    const byKey = await this.keys.find(keys.filter((key) => key !== null));
    const byPerson = await this.clients.find(
      clinicId,
      requests.map(({ patient }) => patient),
    );
    return keys.map((key, index) => (key ? byKey.get(key.toString('base64')) : byPerson[index]) ?? null);
  }
}

const isOpen = (status: ImportedVisit['status']): boolean => status === 'PENDING' || status === 'CONFIRMED';

function toReference(values: Values): PatientReference {
  const [client, phone, email] = [text(values, 'client'), text(values, 'phone'), text(values, 'email')];
  const names = client === undefined ? null : splitName(client);
  const name = names ? `${names.firstName} ${names.lastName}` : client;
  const [dateOfBirth, mrn] = [text(values, 'dateOfBirth'), text(values, 'mrn')];
  return {
    ...(name && { name }),
    ...(phone && { phone }),
    ...(email && { email }),
    ...(dateOfBirth && { dateOfBirth }),
    ...(mrn && { mrn }),
  };
}

function toVisit(
  { doctor, service, ...visit }: AppointmentRequest,
  clientId: string | null,
  catalogue: ClinicCatalogue,
): ImportedVisit | { errors: RowError[] } {
  const [foundDoctor, foundService] = [catalogue.find('doctors', doctor), catalogue.find('services', service)];
  const errors: RowError[] = [];
  const add = (field: string, message: string): void => void errors.push({ field, code: 'VALIDATION_ERROR', message });
  if (clientId === null) add('client', 'is not one patient of the clinic. Add their record number or telephone number');
  if ('error' in foundDoctor) add('doctor', foundDoctor.error);
  if ('error' in foundService) add('service', foundService.error);
  if (clientId === null || 'error' in foundDoctor || 'error' in foundService) return { errors };
  const { start, end, status, notes, staffNotes } = visit;
  return { clientId, doctorId: foundDoctor.id, serviceId: foundService.id, start, end, status, notes, staffNotes };
}

function toOutcome(outcome: ImportedOutcome | undefined): RowOutcome {
  switch (outcome?.outcome) {
    case 'RECORDED':
    case 'BOOKED':
      return 'CREATED';
    case 'REFUSED':
      return { errors: toRowErrors(outcome.error) };
    case 'COLLIDES': {
      const { appointmentId, startDateTime } = outcome.with;
      const message = 'This time is taken by another visit.';
      const collision = { appointmentId, startDateTime: startDateTime.toISOString() };
      return { errors: [{ field: null, code: 'APPOINTMENT_CONFLICT', message, with: collision }] };
    }
    default:
      return 'UNCHANGED';
  }
}
