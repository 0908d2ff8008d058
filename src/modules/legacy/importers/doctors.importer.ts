import { Injectable } from '@nestjs/common';
import { isURL } from 'class-validator';
import { DomainError } from '../../../core/kernel/domain-error.js';
import { canonicalEmail } from '../../../core/kernel/email.js';
import { ChangeDoctor, CreateDoctor, DoctorsService } from '../../doctors/index.js';
import { personNames } from '../../neuroaid/index.js';
import { ScheduleBody, SchedulesService } from '../../scheduling/index.js';
import type { LegacyDoctor } from '../legacy-data.js';
import { LegacyRecordsRepository, NO_CHECKSUM } from '../legacy-records.repository.js';
import type { MigrationRun } from '../migration-run.js';
import { Importers, toRequest, type Imported, type Importer } from './importer.js';
import { ServicesImporter } from './services.importer.js';

/** The key of the service that a doctor gets here, because the other system has none. */
const defaultServiceKey = (doctorKey: string): string => `default:${doctorKey}`;

@Injectable()
export class DoctorsImporter implements Importer<'doctor'> {
  constructor(
    importers: Importers,
    private readonly doctors: DoctorsService,
    private readonly services: ServicesImporter,
    private readonly schedules: SchedulesService,
    private readonly records: LegacyRecordsRepository,
  ) {
    importers.register('doctor', this);
  }

  /** Remembers the doctor's address, so that a user with the address can be linked. */
  onItem({ key, email }: LegacyDoctor, run: MigrationRun): void {
    if (email) run.doctorKeys.set(canonicalEmail(email), key);
  }

  async create(item: LegacyDoctor, run: MigrationRun): Promise<Imported> {
    const serviceIds = await this.findServices(item, run);
    const fields = { clinicId: run.clinicId, serviceIds, ...toFields(item, run) };
    const { id } = await this.doctors.create(run.actor, await toRequest(CreateDoctor, fields));
    if (item.serviceKeys.length === 0) await this.createService(item, id, run);
    if (item.hours.length > 0) await this.setHours(item, id, run);
    return { id };
  }

  async update(item: LegacyDoctor, id: string, run: MigrationRun): Promise<Imported> {
    const serviceIds = await this.findServices(item, run);
    const fields = { ...(serviceIds.length > 0 && { serviceIds }), ...toFields(item, run) };
    await this.doctors.change(run.actor, id, await toRequest(ChangeDoctor, fields), null);
    if (item.serviceKeys.length === 0) await this.changeService(item, run);
    return { id };
  }

  private findServices({ serviceKeys }: LegacyDoctor, run: MigrationRun): Promise<string[]> {
    return Promise.all([...new Set(serviceKeys)].map((key) => run.resolve('service', key, 'services')));
  }

  private async setHours({ hours, hoursZone }: LegacyDoctor, id: string, run: MigrationRun): Promise<void> {
    if (hoursZone !== null && hoursZone !== run.zone) run.warn('hours', 'are in another time zone: check them here');
    try {
      const schedule = await toRequest(ScheduleBody, { rules: hours });
      await this.schedules.replace(run.actor, { type: 'doctor', id }, schedule);
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'VALIDATION_ERROR') throw error;
      run.warn('hours', 'overlap or are not valid, and were not migrated');
    }
  }

  /** Recorded as a service of its own, so that a rollback removes it. */
  private async createService(item: LegacyDoctor, id: string, run: MigrationRun): Promise<void> {
    const targetId = await this.services.createDefault(id, item, run);
    const record = { source: run.sourceName, kind: 'service', legacyKey: defaultServiceKey(item.key) } as const;
    await this.records.insert({ ...record, targetId, targetVersion: 1, checksum: NO_CHECKSUM });
  }

  /** Fee and length of visits, unless the service was changed here. */
  private async changeService(item: LegacyDoctor, run: MigrationRun): Promise<void> {
    const key = defaultServiceKey(item.key);
    const known = (await this.records.find(run.sourceName, 'service', [key])).get(key);
    const version = known && (await this.records.getVersions('service', [known.targetId])).get(known.targetId);
    if (known && version === known.targetVersion) {
      await this.services.changeDefault(known.targetId, item, run);
      await this.records.refreshVersion(run.sourceName, 'service', key);
    } else {
      run.warn('price', 'and length of visits stay as they are here, because the service was changed here');
    }
  }
}

/** Titles at the beginning of a name, in English, Arabic and Hindi. */
const TITLE =
  /^(Prof(?:essor)?\.?\s+Dr\.?|Prof(?:essor)?|Dr|Doctor|أ\.?د|د|الدكتور|الدكتورة|دكتور|دكتورة|डॉ)(?:[.:/]\s*|\s+)(?=\S)/iu;

/** Pictures that the NeuroAid server makes up. */
const PLACEHOLDER = /^https?:\/\/i\.pravatar\.cc\//;

function toFields({ name, speciality, bio, photoUrl }: LegacyDoctor, run: MigrationRun): object {
  const [found = '', title] = TITLE.exec(name) ?? [];
  const isPhoto = photoUrl !== null && isURL(photoUrl, { protocols: ['https'], require_protocol: true });
  if (photoUrl !== null && !isPhoto && !PLACEHOLDER.test(photoUrl)) run.warn('image', 'is not an https address');
  return {
    title: title ?? null,
    ...personNames({ name: name.slice(found.length) }),
    speciality,
    bio,
    photoUrl: isPhoto && !PLACEHOLDER.test(photoUrl) ? photoUrl : null,
  };
}
