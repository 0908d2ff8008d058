import { Injectable } from '@nestjs/common';
import type { Actor } from '../../core/kernel/actor.js';
import { Clock } from '../../core/kernel/clock.js';
import { invalid } from '../../core/kernel/domain-error.js';
import { LiveSessions } from '../../core/security/live-sessions.js';
import type { ClinicMfaPolicy } from '../../core/security/mfa-requirements.js';
import { PhoneNumbers } from './phone-numbers.js';
import { UserClinicsRepository, type Place, type RevokedInvitations } from './user-clinics.repository.js';
import type { UserView } from './users.dto.js';

/**
 * Ends what a person has at a clinic that they leave, before their account is locked, in the caller's transaction.
 * @returns whether access tokens in use contain something that ends, such as the doctor's id, so that the sessions must end
 */
export type EndWorkAtClinic = (actor: Actor, userId: string, clinicId: string) => Promise<boolean>;

/** The clinics of accounts: joining and leaving them, and what a clinic gives its people. Methods that write run in the caller's transaction. */
@Injectable()
export class UserClinicsService {
  private readonly leaveHandlers: EndWorkAtClinic[] = [];

  constructor(
    private readonly clinics: UserClinicsRepository,
    private readonly phones: PhoneNumbers,
    private readonly sessions: LiveSessions,
    private readonly clock: Clock,
  ) {}

  /** Makes a user a member of a clinic. Access tokens that are in use get the new clinics at once. */
  async addClinic(userId: string, clinicId: string): Promise<void> {
    await this.clinics.addClinic(userId, clinicId);
    const { clinicIds, version } = await this.clinics.getClinics(userId);
    await this.sessions.announceClinics(userId, clinicIds, version);
  }

  /**
   * Replaces the clinics of a locked user, who may stay a member of a deleted clinic. The caller then saves a new version of the account.
   * @throws DomainError VALIDATION_ERROR
   */
  async setClinics(user: Pick<UserView, 'id' | 'clinicIds' | 'version'>, clinicIds: string[]): Promise<void> {
    await this.assertClinics(clinicIds.filter((id) => !user.clinicIds.includes(id)));
    await this.clinics.setClinics(user.id, clinicIds);
    await this.sessions.announceClinics(user.id, clinicIds, user.version + 1);
  }

  /** The clinics of a new account. A patient is also registered at them. */
  async setFirstClinics({ id, role }: Pick<UserView, 'id' | 'role'>, clinicIds: string[]): Promise<void> {
    await this.clinics.setClinics(id, clinicIds);
    if (role === 'CLIENT') await this.clinics.registerAt(id, clinicIds);
  }

  /** Registers a patient at a clinic. */
  async registerAt(userId: string, clinicId: string): Promise<void> {
    await this.clinics.registerAt(userId, [clinicId]);
  }

  /** Registers what another feature ends when a person leaves a clinic. */
  onLeavingClinic(end: EndWorkAtClinic): void {
    this.leaveHandlers.push(end);
  }

  /** Ends what a person has at clinics that they leave. Call it before the account is locked. @returns whether sessions must end */
  async leaveClinics(actor: Actor, userId: string, clinicIds: readonly string[]): Promise<boolean> {
    let endsSessions = false;
    for (const clinicId of clinicIds) {
      for (const endWork of this.leaveHandlers) {
        if (await endWork(actor, userId, clinicId)) endsSessions = true;
      }
    }
    return endsSessions;
  }

  /** Makes invitations of a person unusable. */
  async revokeInvitations(userId: string, invitations: RevokedInvitations): Promise<void> {
    await this.clinics.revokeInvitations(userId, invitations, new Date(this.clock.now()));
  }

  /** @throws DomainError VALIDATION_ERROR on the field */
  async assertClinics(ids: readonly string[], field = 'clinicIds'): Promise<void> {
    if (ids.length > 0 && (await this.clinics.countClinics(ids)) !== ids.length) {
      throw invalid({ field, error: 'must be a clinic that exists' });
    }
  }

  /** The place of the first of these clinics that was not deleted, for default values. */
  async findPlace(clinicIds: readonly string[]): Promise<Place | null> {
    const [place] = await this.clinics.getClinicPlaces(clinicIds);
    return place ?? null;
  }

  /** Converts the telephone number of a clinic to E.164. @throws DomainError VALIDATION_ERROR on `phone` */
  toE164(typed: string | null | undefined, country: string | null): Promise<string | null> {
    return this.phones.toE164(typed, [country]);
  }

  /** Tells all processes which people of a clinic must have a second factor. Call it in the transaction of the change. */
  announceMfaPolicy(policy: ClinicMfaPolicy): Promise<void> {
    return this.sessions.announceMfaPolicy(policy);
  }

  /** Tells all processes that a clinic was deleted, where API keys must not work any more. Call it in that transaction. */
  announceClinicDeleted(): Promise<void> {
    return this.sessions.announceReload();
  }
}
