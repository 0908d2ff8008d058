import { Injectable } from '@nestjs/common';
import { invalid } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/kernel/actor.js';
import { AccountAccess, UserClinicsService, UsersService, type EndWorkAtClinic } from '../users/index.js';

interface AccountMove {
  clinicId: string;
  /** The user ids of the old and the new account; null for none. */
  from: string | null;
  to: string | null;
}

/** Links doctors to user accounts. Access tokens contain the doctor's id, so each change ends the account's sessions. */
@Injectable()
export class DoctorAccountsService {
  constructor(
    private readonly users: UsersService,
    private readonly clinics: UserClinicsService,
    private readonly access: AccountAccess,
  ) {}

  /**
   * Moves a doctor from one account to another (or none), in the caller's transaction.
   * @throws DomainError NOT_FOUND for an account that the actor does not manage, VALIDATION_ERROR if it has another role than DOCTOR
   */
  async move(actor: Actor, { clinicId, from, to: requested }: AccountMove): Promise<void> {
    const to = requested?.toLowerCase() ?? null;
    if (from === to) return;
    if (to) await this.link(actor, to, clinicId);
    if (from) await this.access.endSessions(from, 'is no longer this doctor');
  }

  /** Registers the function that is called when an account leaves a clinic. It returns whether the account's sessions must end. */
  onLeavingClinic(end: EndWorkAtClinic): void {
    this.clinics.onLeavingClinic(end);
  }

  private async link(actor: Actor, userId: string, clinicId: string): Promise<void> {
    const user = await this.users.get(actor, userId);
    if (user.role !== 'DOCTOR') throw invalid({ field: 'userId', error: 'must be an account with the role DOCTOR' });
    if (!user.clinicIds.includes(clinicId)) await this.clinics.addClinic(userId, clinicId);
    await this.access.endSessions(userId, 'became a doctor');
  }
}
