import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { forbidden, notFound } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/kernel/actor.js';
import { AccountAccess } from './account-access.js';
import type { User } from './user.entity.js';
import {
  assertMayChange,
  clinicsAfterChange,
  mayDeleteUser,
  mayManageUser,
  mayRemoveFromClinic,
  maySeeUser,
} from './user.policy.js';
import { UserClinicsService } from './user-clinics.service.js';
import type { ChangeUser, UserView } from './users.dto.js';
import { UsersService } from './users.service.js';

/** Lets administrators and managers change and delete accounts, and users change their own. */
@Injectable()
export class UserManagementService {
  constructor(
    private readonly db: Database,
    private readonly users: UsersService,
    private readonly clinics: UserClinicsService,
    private readonly access: AccountAccess,
    private readonly changes: ChangeLog,
  ) {}

  /**
   * Users may change their own account, except role, clinics and address (which auth's AccountChangeService changes). A MANAGER may
   * change the people of their clinics, an ADMIN everybody.
   */
  async change(actor: Actor, id: string, request: ChangeUser, version: number | null): Promise<UserView> {
    let endsSessions = false;
    return this.changes.versionedUpdate({
      objectType: 'user',
      id,
      version,
      lock: async () => {
        endsSessions = await this.leaveClinics(actor, id, request);
        const { user, before } = await this.lock(actor, id);
        assertMayChange(actor, before, request);
        return { row: user, before };
      },
      change: async (user, before) => {
        const { clinicIds, ...fields } = request;
        const place = await this.clinics.findPlace(before.clinicIds);
        await this.applyAuthorization(actor, before, request, endsSessions);
        const authorizationChanged = request.role !== undefined || clinicIds !== undefined;
        await this.users.update(user, fields, { country: place?.country ?? null, authorizationChanged });
      },
      read: async () => {
        const after = await this.users.find(id);
        if (!after) throw notFound();
        return after;
      },
      details: (before, after) => ({ changes: authorizationChanges(before, after) }),
    });
  }

  /**
   * Deletes the account and ends its sessions. The user's doctors cannot be booked any more, and a patient's upcoming
   * visits are cancelled (ClosedAccountsListener). The user's data and audit rows stay.
   */
  async remove(actor: Actor, id: string): Promise<null> {
    return this.db.transaction(async () => {
      // Locks doctors before the account, in the same order as changes of doctors, so that there is no deadlock.
      const leaving = await this.users.find(id);
      if (leaving && mayDeleteUser(actor, leaving)) await this.clinics.leaveClinics(actor, id, leaving.clinicIds);
      const { user, before } = await this.lock(actor, id);
      if (!mayDeleteUser(actor, before)) throw forbidden('You may not delete this user.');
      await this.assertNotLastAdministrator(before);
      await this.users.delete(user, 'user deleted');
      await this.changes.record({ action: 'user.deleted', objectType: 'user', objectId: id, before });
      return null;
    });
  }

  /** @throws DomainError NOT_FOUND, FORBIDDEN for the actor's own account */
  async assertMayRemoveFromClinic(actor: Actor, id: string, clinicId: string): Promise<void> {
    const user = await this.users.find(id);
    if (!user || !mayRemoveFromClinic(actor, user, clinicId)) throw notFound();
    if (actor.userId === id) throw forbidden('You may not remove yourself from a clinic. Ask an administrator.');
  }

  /**
   * Removes a person from one clinic, in the caller's transaction. Access tokens in use lose the clinic at once, and sockets
   * leave its room. The event `user.clinic-removed` lets other features end what the person had at the clinic.
   * @param endsSessions whether tokens contain more than the clinic, such as the doctor's id
   */
  async removeFromClinic(
    actor: Actor,
    id: string,
    clinicId: string,
    { endsSessions }: { endsSessions: boolean },
  ): Promise<void> {
    const { user, before } = await this.lock(actor, id);
    if (!mayRemoveFromClinic(actor, before, clinicId)) throw notFound();
    const remaining = before.clinicIds.filter((other) => other !== clinicId);
    await this.clinics.setClinics(before, remaining);
    await this.users.saveChangeOfClinics(user);
    if (endsSessions || remaining.length === 0) await this.access.endSessions(id, 'removed from a clinic');
    await this.clinics.revokeInvitations(id, {
      toJoinClinics: [clinicId],
      toChoosePassword: remaining.length === 0,
    });
    await this.changes.record({
      action: 'user.clinic-removed',
      objectType: 'user',
      objectId: id,
      clinicId,
      changes: { clinicIds: [before.clinicIds, remaining] },
      event: { name: 'user.clinic-removed', payload: { id, clinicId } },
    });
  }

  /** @throws DomainError NOT_FOUND if there is no such user, or the actor may not see them */
  private async lock(actor: Actor, id: string): Promise<{ user: User; before: UserView }> {
    const user = await this.users.lock(id);
    const before = user && (await this.users.find(id));
    if (!user || !before || !maySeeUser(actor, before)) throw notFound();
    return { user, before };
  }

  /**
   * Asserts that somebody else is an administrator, too. Locks the administrators, because two of them could remove each other at the
   * same time.
   * @throws DomainError FORBIDDEN
   */
  private async assertNotLastAdministrator({ id, role }: UserView): Promise<void> {
    if (role !== 'ADMIN' || (await this.access.hasOtherAdministrator(id))) return;
    throw forbidden('The last administrator stays. Create another one first.');
  }

  /**
   * Ends what the person has at the clinics that the request takes away. Call it before the account is locked: doctors are locked
   * before it, in the same order as by changes of doctors, so that there is no deadlock. The permission is checked after the account is
   * locked, and a refusal rolls this back. @returns whether the sessions must end
   */
  private async leaveClinics(actor: Actor, id: string, { clinicIds }: ChangeUser): Promise<boolean> {
    const user = clinicIds ? await this.users.find(id) : null;
    if (!user || !clinicIds || !mayManageUser(actor, user)) return false;
    return this.clinics.leaveClinics(actor, id, without(user.clinicIds, clinicsAfterChange(actor, user, clinicIds)));
  }

  private async applyAuthorization(
    actor: Actor,
    before: UserView,
    { role, clinicIds }: ChangeUser,
    endsSessions: boolean,
  ): Promise<void> {
    if (clinicIds) {
      const after = clinicsAfterChange(actor, before, clinicIds);
      const left = without(before.clinicIds, after);
      await this.clinics.setClinics(before, after);
      const hasLeftAll = left.length > 0 && after.length === 0;
      if (left.length > 0) {
        await this.clinics.revokeInvitations(before.id, { toJoinClinics: left, toChoosePassword: hasLeftAll });
      }
      if (endsSessions || hasLeftAll) await this.access.endSessions(before.id, 'removed from a clinic');
    }
    if (!role || role === before.role) return;
    await this.assertNotLastAdministrator(before);
    // Whoever got the link of a patient must not get the account of a member of staff.
    await this.clinics.revokeInvitations(before.id, { toJoinClinics: [], toChoosePassword: true });
    await this.access.endSessions(before.id, 'role changed');
  }
}

const without = (ids: readonly string[], others: readonly string[]): string[] =>
  ids.filter((id) => !others.includes(id));

/** The audit log has changes of role and clinics in plain text, and of other fields only as hashes. */
function authorizationChanges(before: UserView, after: UserView): Record<string, unknown> {
  const areSameClinics = before.clinicIds.join() === after.clinicIds.join();
  return {
    ...(before.role !== after.role && { role: [before.role, after.role] }),
    ...(!areSameClinics && { clinicIds: [before.clinicIds, after.clinicIds] }),
  };
}
