import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { forbidden, notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import type { Actor } from '../../core/kernel/actor.js';
import { Passwords } from './passwords.js';
import type { User } from './user.entity.js';
import {
  assertMayChange,
  assertMayCreate,
  clinicsAfterChange,
  clinicsForNew,
  mayDeleteUser,
  mayRemoveFromClinic,
  maySeeUser,
} from './user.policy.js';
import type { ChangeUser, CreateUser, UserView } from './users.dto.js';
import { UsersRepository } from './users.repository.js';
import { UsersService } from './users.service.js';

/** Lets administrators, managers and the owners create, change and delete accounts. */
@Injectable()
export class UserManagementService {
  constructor(
    private readonly db: Database,
    private readonly users: UsersRepository,
    private readonly accounts: UsersService,
    private readonly passwords: Passwords,
    private readonly changes: ChangeLog,
  ) {}

  /** An ADMIN may create any account, a MANAGER accounts of patients, staff and doctors of their own clinics. */
  async create(actor: Actor, request: CreateUser): Promise<UserView> {
    const clinicIds = clinicsForNew(actor, request.clinicIds);
    assertMayCreate(actor, request.role, clinicIds);
    if (request.password) this.passwords.assertStrong(request.password, request);
    const passwordHash = request.password ? await this.passwords.hash(request.password) : null;
    return this.db.transaction(async () => {
      await this.accounts.assertClinics(clinicIds);
      const { clinicIds: _ids, password: _password, ...fields } = request;
      const [place] = await this.users.getClinicPlaces(clinicIds);
      const { timeZone = place?.timeZone ?? 'UTC', locale = place?.locale ?? 'en', phone = null } = fields;
      const person = { ...fields, timeZone, locale, phone };
      const id = await this.accounts.insert({ id: newId(), passwordHash, ...person }, { country: place?.country });
      await this.users.setClinics(id, clinicIds);
      if (request.role === 'CLIENT') await this.users.registerAt(id, clinicIds);
      return this.accounts.get(actor, id);
    });
  }

  /**
   * Users may change their own account, except role, clinics and address (which auth's AccountChangeService changes). A MANAGER may change the people of their clinics,
   * an ADMIN everybody.
   */
  async change(actor: Actor, id: string, request: ChangeUser, version: number | null): Promise<UserView> {
    return this.changes.versionedUpdate({
      objectType: 'user',
      id,
      version,
      lock: async () => {
        const { user, before } = await this.lock(actor, id);
        assertMayChange(actor, before, request);
        return { row: user, before };
      },
      change: async (user, before) => {
        const { clinicIds, ...fields } = request;
        const [place] = await this.users.getClinicPlaces(before.clinicIds);
        await this.applyAuthorization(actor, before, request);
        const authorizationChanged = request.role !== undefined || clinicIds !== undefined;
        await this.accounts.update(user, fields, place?.country ?? null, authorizationChanged);
      },
      read: async () => {
        const after = await this.users.find(id);
        if (!after) throw notFound();
        return after;
      },
      details: (before, after) => ({ changes: authorizationChanges(before, after) }),
    });
  }

  /** Deletes the account and ends its sessions. The user's data and audit rows stay. */
  async remove(actor: Actor, id: string): Promise<null> {
    return this.db.transaction(async () => {
      const { user, before } = await this.lock(actor, id);
      if (!mayDeleteUser(actor, before)) throw forbidden('You may not delete this user.');
      await this.accounts.delete(user, 'user deleted');
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
  async removeFromClinic(actor: Actor, id: string, clinicId: string, endsSessions: boolean): Promise<void> {
    const { user, before } = await this.lock(actor, id);
    if (!mayRemoveFromClinic(actor, before, clinicId)) throw notFound();
    const remaining = before.clinicIds.filter((other) => other !== clinicId);
    await this.accounts.setClinics(before, remaining);
    await this.accounts.update(user, {}, null, true);
    if (endsSessions || remaining.length === 0) await this.accounts.endSessions(id, 'removed from a clinic');
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

  private async applyAuthorization(actor: Actor, before: UserView, { role, clinicIds }: ChangeUser): Promise<void> {
    if (clinicIds) await this.accounts.setClinics(before, clinicsAfterChange(actor, before, clinicIds));
    if (!role || role === before.role) return;
    if (role === 'CLIENT') await this.users.ensureClient(before.id, newId());
    await this.accounts.endSessions(before.id, 'role changed');
  }
}

/** The audit log has changes of role and clinics in plain text, and of other fields only as hashes. */
function authorizationChanges(before: UserView, after: UserView): Record<string, unknown> {
  const areSameClinics = before.clinicIds.join() === after.clinicIds.join();
  return {
    ...(before.role !== after.role && { role: [before.role, after.role] }),
    ...(!areSameClinics && { clinicIds: [before.clinicIds, after.clinicIds] }),
  };
}
