import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { countryOfZone, isCountry } from '../../core/kernel/country.js';
import { invalid } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/kernel/actor.js';
import { canonicalEmail } from '../../core/kernel/email.js';
import { NIL_ID } from '../../core/kernel/id.js';
import { Zone } from '../../core/kernel/zone.js';
import { ClinicsService, CreateClinic } from '../clinics/index.js';
import { UsersService } from '../users/index.js';
import { toRequest } from './importers/importer.js';
import { ITEM_KINDS, type ItemKind } from './legacy-data.js';
import { LegacyRecordsRepository, NO_CHECKSUM, NOT_CREATED } from './legacy-records.repository.js';
import type { MigrationOptions, MigrationRun } from './migration-run.js';
import type { LegacyKind } from './legacy-record.entity.js';
import { StoredKeys } from './stored-keys.js';

/** The clinic of the run, with its default values. */
type RunClinic = { id: string; country: string | null; locale: string; timeZone: string };

/** Finds what a run needs: the administrator, the clinic and default values. */
@Injectable()
export class RunPreparation {
  constructor(
    private readonly users: UsersService,
    private readonly clinics: ClinicsService,
    private readonly records: LegacyRecordsRepository,
    private readonly keys: StoredKeys,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError VALIDATION_ERROR if there is no administrator with the address */
  async findActor(email: string): Promise<Actor> {
    const user = await this.users.findOwner(canonicalEmail(email));
    if (user?.role !== 'ADMIN') throw invalid({ field: '--as', error: 'must be the address of an administrator' });
    return { userId: user.id, sessionId: NIL_ID, role: 'ADMIN', clientId: null, doctorId: null, clinicIds: [] };
  }

  allowLongTransaction(): Promise<void> {
    return this.records.allowLongTransaction();
  }

  /** Creates the clinic, unless an earlier run has. */
  async prepare(actor: Actor, options: MigrationOptions, sourceName: string): Promise<MigrationRun> {
    if (options.zone !== null && !Zone.isValid(options.zone))
      throw invalid({ field: '--zone', error: 'must be a time zone, such as Africa/Cairo' });
    if (options.country !== null && !isCountry(options.country)) {
      throw invalid({ field: '--country', error: 'must be a country of two letters, such as EG' });
    }
    const name = options.sourceName ?? sourceName;
    const clinic = await this.findOrCreateClinic(actor, options, name);
    const seenKeys = Object.fromEntries(ITEM_KINDS.map((kind) => [kind, new Set<string>()]));
    return {
      sourceName: name,
      actor,
      clinicId: clinic.id,
      zone: options.zone ?? clinic.timeZone,
      country: options.country ?? clinic.country,
      currency: options.currency,
      locale: options.locale ?? clinic.locale,
      filesFolder: options.files ?? options.from,
      linksDoctors: options.linksDoctors,
      isDryRun: options.isDryRun,
      now: this.clock.now(),
      doctorKeys: new Map(),
      seenKeys: seenKeys as Record<ItemKind, Set<string>>,
      warn: () => undefined,
      resolve: (kind, key, field) => this.resolve(name, kind, key, field),
    };
  }

  private async findOrCreateClinic(actor: Actor, options: MigrationOptions, source: string): Promise<RunClinic> {
    const isFirstRun = await this.assertSameClinic(options.clinic, source);
    if ('id' in options.clinic) return this.findClinic(options.clinic.id, source, { isFirstRun });
    const { name } = options.clinic;
    const known = await this.records.findTarget(source, 'clinic', name);
    const existing = known === null ? null : await this.clinics.find(known);
    if (existing) return existing;
    if (known !== null) throw invalid({ field: '--create-clinic', error: 'names a clinic that was deleted here' });
    return this.createClinic(actor, name, options, source);
  }

  /** A clinic that was here before the migration. The first run records it. @throws DomainError VALIDATION_ERROR */
  private async findClinic(id: string, source: string, { isFirstRun }: { isFirstRun: boolean }): Promise<RunClinic> {
    const clinic = await this.clinics.find(id);
    if (!clinic) throw invalid({ field: '--clinic', error: 'must be the id of a clinic' });
    if (isFirstRun) {
      const record = { source, kind: 'clinic', legacyKey: clinic.id, targetId: clinic.id } as const;
      await this.records.insert({ ...record, targetVersion: NOT_CREATED, checksum: NO_CHECKSUM });
    }
    return clinic;
  }

  private async createClinic(
    actor: Actor,
    name: string,
    options: MigrationOptions,
    source: string,
  ): Promise<RunClinic> {
    const timeZone = options.zone ?? 'UTC';
    const country = options.country ?? countryOfZone(timeZone) ?? undefined;
    const locale = options.locale ?? undefined;
    const fields = { name, timeZone, ...(country && { country }), ...(locale && { locale }) };
    return this.records.transaction(async () => {
      const clinic = await this.clinics.create(actor, await toRequest(CreateClinic, fields));
      const checksum = await this.keys.computeChecksum(fields);
      const record = { source, kind: 'clinic', legacyKey: name, targetId: clinic.id } as const;
      await this.records.insert({ ...record, targetVersion: clinic.version, checksum });
      return clinic;
    });
  }

  /** What earlier runs created belongs to their clinic. @returns whether there was none @throws DomainError VALIDATION_ERROR */
  private async assertSameClinic(clinic: MigrationOptions['clinic'], source: string): Promise<boolean> {
    const [first] = await this.records.listAfter(source, 'clinic', null, 1);
    if (!first) return true;
    if ('id' in clinic ? clinic.id.toLowerCase() === first.targetId : clinic.name === first.legacyKey) return false;
    const field = 'id' in clinic ? '--clinic' : '--create-clinic';
    throw invalid({
      field,
      error: `must be the clinic of the first run, "${first.legacyKey}", or give a --source-name`,
    });
  }

  private async resolve(source: string, kind: LegacyKind, key: string, field: string): Promise<string> {
    const target = await this.records.findTarget(source, kind, await this.keys.toStored(key));
    if (target === null) throw invalid({ field, error: `names a ${kind} that was not migrated` });
    if ((await this.records.getVersions(kind, [target])).has(target)) return target;
    const merged = kind === 'user' ? await this.records.findMergedUser(target) : null;
    if (merged !== null && (await this.records.getVersions(kind, [merged])).has(merged)) return merged;
    throw invalid({ field, error: `names a ${kind} that was deleted here` });
  }
}
