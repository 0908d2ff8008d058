import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import type { Page } from '../../core/http/page.js';
import { Clock } from '../../core/kernel/clock.js';
import { forbidden, invalid, notFound, versionMismatch } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import type { Actor } from '../../core/security/actor.js';
import { LiveSessions } from '../../core/security/live-sessions.js';
import { Passwords } from './passwords.js';
import { mayManageUser, maySeeUser } from './user.policy.js';
import type { ChangeUser, CreateUser, UsersQuery, UserView } from './users.dto.js';
import { UsersRepository, type Credentials, type NewUser } from './users.repository.js';

@Injectable()
export class UsersService {
  constructor(
    private readonly db: Database,
    private readonly users: UsersRepository,
    private readonly passwords: Passwords,
    private readonly sessions: LiveSessions,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
  ) {}

  list(actor: Actor, query: UsersQuery): Promise<Page<UserView>> {
    return this.users.list(actor.role === 'ADMIN' ? null : actor.clinicIds, query);
  }

  async get(actor: Actor, id: string): Promise<UserView> {
    const user = await this.users.find(id);
    if (!user || !maySeeUser(actor, user)) throw notFound();
    return user;
  }

  find(id: string): Promise<UserView | null> {
    return this.users.find(id);
  }

  /** For signing in only. */
  credentialsOf(email: string): Promise<Credentials | null> {
    return this.users.credentialsOf(email);
  }

  credentialsById(id: string): Promise<Credentials | null> {
    return this.users.credentialsById(id);
  }

  setPasswordHash(id: string, hash: string): Promise<void> {
    return this.users.setPasswordHash(id, hash);
  }

  /** ADMIN makes anybody; a MANAGER makes patients of the own clinics. */
  async create(actor: Actor, request: CreateUser): Promise<UserView> {
    if (actor.role !== 'ADMIN') assertWithinScope(actor, request);
    if (request.password) this.passwords.assertGood(request.password, request.email);
    const passwordHash = request.password ? await this.passwords.hash(request.password) : null;
    return this.db.transaction(async () => {
      await this.assertClinics(request.clinicIds);
      const { clinicIds, password: _, ...fields } = request;
      const id = await this.insert({ id: newId(), passwordHash, ...fields, phone: request.phone ?? null });
      await this.users.setClinics(id, clinicIds);
      return this.get(actor.role === 'ADMIN' ? actor : { ...actor, userId: id }, id);
    });
  }

  /** Makes the account, in the caller's transaction, with its audit row. */
  async insert(user: NewUser, byItself = false): Promise<string> {
    await this.users.insert(user, new Date(this.clock.now()));
    if (user.role === 'CLIENT') await this.users.ensureClient(user.id, newId());
    const { passwordHash: _, ...after } = user;
    await this.changes.record({
      action: 'user.created',
      objectType: 'user',
      objectId: user.id,
      after,
      changes: { role: [null, user.role] },
      ...(byItself && { actor: { userId: user.id, role: user.role } }),
    });
    return user.id;
  }

  /** Oneself without role, clinics and address; ADMIN everything; a MANAGER the people of the own clinics. */
  async change(actor: Actor, id: string, request: ChangeUser, version: number | null): Promise<UserView> {
    return this.db.transaction(async () => {
      const user = await this.users.lock(id);
      const before = user && (await this.users.find(id));
      if (!user || !before || !maySeeUser(actor, before)) throw notFound();
      assertMayChange(actor, before, request);
      if (version !== null && version !== user.version) throw versionMismatch();
      const { clinicIds, ...fields } = request;
      Object.assign(user, definedOf(fields));
      await this.applyAuthorization(user.id, before, request);
      if (request.role || clinicIds) user.authorizationChangedAt = new Date(this.clock.now());
      user.version += 1;
      user.updatedAt = new Date(this.clock.now());
      await this.users.save(user);
      const after = await this.users.find(id);
      if (!after) throw notFound();
      const roleChange = before.role !== after.role ? { role: [before.role, after.role] } : {};
      await this.changes.record({
        action: 'user.updated',
        objectType: 'user',
        objectId: id,
        before,
        after,
        changes: roleChange,
      });
      return after;
    });
  }

  /** The person's own fields, changed by the desk with the patient record, in the caller's transaction. */
  async changePerson(
    id: string,
    fields: Partial<Pick<NewUser, 'firstName' | 'lastName' | 'phone' | 'timeZone' | 'locale'>>,
  ): Promise<void> {
    const user = await this.users.lock(id);
    if (!user) throw notFound();
    Object.assign(user, fields);
    user.version += 1;
    user.updatedAt = new Date(this.clock.now());
    await this.users.save(user);
  }

  /** The account ends and all its sessions at once; what it did stays on record. */
  async remove(actor: Actor, id: string): Promise<null> {
    return this.db.transaction(async () => {
      const user = await this.users.lock(id);
      const before = user && (await this.users.find(id));
      if (!user || !before || !maySeeUser(actor, before)) throw notFound();
      if (!mayManageUser(actor, before) || actor.userId === id) throw forbidden('You may not delete this user.');
      user.deletedAt = new Date(this.clock.now());
      await this.users.save(user);
      await this.endSessions(id, 'user deleted');
      await this.changes.record({ action: 'user.deleted', objectType: 'user', objectId: id, before });
      return null;
    });
  }

  /** Ends the sessions of a user at once, in the caller's transaction. */
  async endSessions(userId: string, reason: string, except: string | null = null): Promise<void> {
    await this.sessions.announceEnded(await this.users.endSessions(userId, reason, except));
  }

  /** Makes somebody a member of a clinic, in the caller's transaction; the tokens in use know it at once. */
  async addClinic(userId: string, clinicId: string): Promise<void> {
    await this.sessions.announceClinics(userId, await this.users.addClinic(userId, clinicId));
  }

  private async applyAuthorization(id: string, before: UserView, { role, clinicIds }: ChangeUser): Promise<void> {
    if (clinicIds) {
      await this.assertClinics(clinicIds);
      await this.users.setClinics(id, clinicIds);
      await this.sessions.announceClinics(id, clinicIds);
    }
    if (!role || role === before.role) return;
    if (role === 'CLIENT') await this.users.ensureClient(id, newId());
    await this.endSessions(id, 'role changed');
  }

  private async assertClinics(ids: string[]): Promise<void> {
    if (ids.length > 0 && (await this.users.existingClinics(ids)) !== ids.length) {
      throw invalid({ field: 'clinicIds', error: 'must be clinics that exist' });
    }
  }
}

function assertWithinScope(actor: Actor, { role, clinicIds }: { role?: string; clinicIds?: string[] }): void {
  if (role !== undefined && role !== 'CLIENT') throw forbidden('Only an ADMIN gives roles.');
  if (clinicIds && (clinicIds.length === 0 || clinicIds.some((id) => !actor.clinicIds.includes(id)))) {
    throw forbidden('Only clinics that you manage.');
  }
}

function assertMayChange(actor: Actor, user: UserView, request: ChangeUser): void {
  if (actor.role === 'ADMIN') {
    if (actor.userId === user.id && request.role && request.role !== 'ADMIN')
      throw forbidden('You may not change your own role.');
    return;
  }
  if (request.role !== undefined || request.email !== undefined)
    throw forbidden('Only an ADMIN changes roles and addresses.');
  if (request.clinicIds === undefined) return;
  if (actor.userId === user.id) throw forbidden('You may not change your own clinics.');
  assertWithinScope(actor, { clinicIds: request.clinicIds });
}

const definedOf = <T extends object>(fields: T): Partial<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
