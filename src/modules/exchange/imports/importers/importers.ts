import { Injectable } from '@nestjs/common';
import type { ImportKind } from '../import-kinds.js';
import { AppointmentImporter } from './appointment-importer.js';
import { ClientImporter } from './client-importer.js';
import { DoctorImporter } from './doctor-importer.js';
import type { Importer } from './importer.js';
import { ScheduleImporter } from './schedule-importer.js';
import { ServiceImporter } from './service-importer.js';

/** The importers by kind. */
@Injectable()
export class Importers {
  private readonly byKind: Readonly<Record<ImportKind, Importer<unknown>>>;

  constructor(
    clients: ClientImporter,
    doctors: DoctorImporter,
    services: ServiceImporter,
    schedules: ScheduleImporter,
    appointments: AppointmentImporter,
  ) {
    this.byKind = { clients, doctors, services, schedules, appointments };
  }

  /** Requests are only passed from `check` to `importAll` of the same importer. */
  get(kind: ImportKind): Importer<unknown> {
    return this.byKind[kind];
  }
}
