import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { assignDefined, updateEvent } from '../../core/changes/versioned-update.js';
import { Database } from '../../core/database/database.js';
import type { Page } from '../../core/http/page.js';
import { Clock } from '../../core/kernel/clock.js';
import { countryOfZone } from '../../core/kernel/country.js';
import { DomainError, invalid, notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import { assertManages, manages, type Actor } from '../../core/kernel/actor.js';
import { reauthenticationRequired, type Proof } from '../../core/security/fresh-proof.js';
import { UserClinicsService } from '../users/index.js';
import { toVisibleClinic } from './clinic.policy.js';
import type { Clinic } from './clinic.entity.js';
import type { PolicyView } from './clinic-policy.dto.js';
import type { ChangeClinic, ClinicsQuery, ClinicView, CreateClinic } from './clinics.dto.js';
import { ClinicsRepository } from './clinics.repository.js';

@Injectable()
export class ClinicsService {
  constructor(
    private readonly db: Database,
    private readonly clinics: ClinicsRepository,
    private readonly userClinics: UserClinicsService,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
  ) {}

  async list(actor: Actor | null, query: ClinicsQuery): Promise<Page<ClinicView>> {
    return (await this.clinics.list(query)).map((clinic) => toVisibleClinic(actor, clinic));
  }

  /** What the caller may see of the clinic. @throws DomainError NOT_FOUND */
  async getFor(actor: Actor | null, id: string): Promise<ClinicView> {
    return toVisibleClinic(actor, await this.get(id));
  }

  /** @returns null if it does not exist */
  find(id: string): Promise<ClinicView | null> {
    return this.clinics.find(id);
  }

  async get(id: string): Promise<ClinicView> {
    const clinic = await this.clinics.find(id);
    if (!clinic) throw notFound();
    return clinic;
  }

  /**
   * Checks that the clinic exists and locks it against deletion until the caller's transaction ends.
   * @throws DomainError VALIDATION_ERROR for `clinicId` if the clinic does not exist
   */
  async assertExists(id: string): Promise<void> {
    if (!(await this.clinics.lockAgainstDeletion(id)))
      throw invalid({ field: 'clinicId', error: 'must be an existing clinic' });
  }

  /** Creates a clinic. A MANAGER who creates it becomes one of its managers. */
  async create(actor: Actor, { policy, ...fields }: CreateClinic): Promise<ClinicView> {
    return this.db.transaction(async () => {
      const id = newId();
      const country = fields.country ?? countryOfZone(fields.timeZone);
      const phone = await this.userClinics.toE164(fields.phone, country);
      await this.clinics.insert({ id, ...fields, country, phone, ...policy });
      if (actor.role !== 'ADMIN') await this.userClinics.addClinic(actor.userId, id);
      const after = await this.get(id);
      await this.announceMfaPolicy(after);
      await this.changes.record({ action: 'clinic.created', objectType: 'clinic', objectId: id, clinicId: id, after });
      return after;
    });
  }

  /** Whether a manager's request takes the second factor away from a role. Before it is done, the manager must prove who they are. */
  async relaxesMfaPolicy(actor: Actor, id: string, { policy }: ClinicChanges): Promise<boolean> {
    const clinic = policy?.mfaRequiredRoles && manages(actor, id) ? await this.clinics.find(id) : null;
    return clinic !== null && isRelaxed(clinic.policy.mfaRequiredRoles, policy?.mfaRequiredRoles);
  }

  /**
   * Changes a clinic or its policy.
   * @param options the version of If-Match, and whether the caller has freshly proven who they are, which relaxing the MFA policy requires
   * @throws DomainError FORBIDDEN with reason REAUTHENTICATE
   */
  async change(
    actor: Actor,
    id: string,
    { policy, ...fields }: ClinicChanges,
    { version, mayRelaxMfa }: { version: number | null; mayRelaxMfa: boolean },
  ): Promise<ClinicView> {
    return this.changes.versionedUpdate({
      objectType: 'clinic',
      id,
      version,
      lock: async () => ({ row: await this.lock(actor, id), before: await this.get(id) }),
      change: async (clinic) => {
        // The roles may have been added after `relaxesMfaPolicy`.
        if (!mayRelaxMfa && isRelaxed(clinic.mfaRequiredRoles, policy?.mfaRequiredRoles))
          throw reauthenticationRequired();
        const country = getNewCountry(clinic, fields);
        const phone = fields.phone === undefined ? undefined : await this.userClinics.toE164(fields.phone, country);
        assignDefined(clinic, { ...fields, country, phone, ...policy });
        clinic.version += 1;
        clinic.updatedAt = new Date(this.clock.now());
        await this.clinics.save(clinic);
        if (policy?.mfaRequiredRoles) await this.announceMfaPolicy({ id, version: clinic.version, policy });
      },
      read: () => this.get(id),
      details: (before, after) => ({
        clinicId: id,
        event: updateEvent('clinic', before, after),
        ...mfaPolicyChange(before, after),
      }),
    });
  }

  /** @throws DomainError IN_USE while it has doctors, services, resources, registered patients or appointments */
  async remove(actor: Actor, id: string): Promise<null> {
    return this.db.transaction(async () => {
      const clinic = await this.lock(actor, id);
      if (await this.clinics.isInUse(id))
        throw new DomainError(
          'IN_USE',
          'The clinic still has doctors, services, resources, registered patients or appointments.',
        );
      clinic.deletedAt = new Date(this.clock.now());
      await this.clinics.save(clinic);
      // The user accounts may stay linked to the deleted clinic, which must no longer require a second factor of them. The
      // version is increased, because announcements with a known or older version are ignored.
      await this.userClinics.announceMfaPolicy({ clinicId: id, version: clinic.version + 1, roles: [] });
      await this.userClinics.announceClinicDeleted();
      await this.changes.record({ action: 'clinic.deleted', objectType: 'clinic', objectId: id, clinicId: id });
      return null;
    });
  }

  private async announceMfaPolicy({ id, version, policy }: WithMfaPolicy): Promise<void> {
    await this.userClinics.announceMfaPolicy({ clinicId: id, version, roles: policy.mfaRequiredRoles ?? [] });
  }

  private async lock(actor: Actor, id: string): Promise<Clinic> {
    const clinic = await this.clinics.lock(id);
    if (!clinic || clinic.deletedAt) throw notFound();
    assertManages(actor, id);
    return clinic;
  }
}

type WithMfaPolicy = Pick<ClinicView, 'id' | 'version'> & { policy: Partial<Pick<PolicyView, 'mfaRequiredRoles'>> };

/** What a request may change, without the proof of identity. */
type ClinicChanges = Omit<ChangeClinic, keyof Proof>;

/** Whether a role does not need a second factor any more. */
const isRelaxed = (before: readonly string[] = [], after: readonly string[] | undefined): boolean =>
  after !== undefined && before.some((role) => !after.includes(role));

/** For the audit log: the old and new roles. Of the other fields it contains only a hash. */
function mfaPolicyChange(before: ClinicView, after: ClinicView): { changes?: Record<string, unknown> } {
  const [from = [], to = []] = [before.policy.mfaRequiredRoles, after.policy.mfaRequiredRoles];
  return from.join() === to.join() ? {} : { changes: { mfaRequiredRoles: [from, to] } };
}

/** The country after a change. A country that was derived from the time zone follows a new time zone. */
function getNewCountry(clinic: Clinic, { country, timeZone }: ChangeClinic): string | null {
  if (country !== undefined) return country;
  const isFromZone = clinic.country === countryOfZone(clinic.timeZone);
  return timeZone !== undefined && isFromZone ? countryOfZone(timeZone) : clinic.country;
}
