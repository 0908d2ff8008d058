import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import type { Page } from '../../core/http/page.js';
import { Clock } from '../../core/kernel/clock.js';
import { notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import type { Actor } from '../../core/kernel/actor.js';
import { AccountAccess } from './account-access.js';
import { emailTaken } from './users.errors.js';
import { PhoneNumbers } from './phone-numbers.js';
import type { User } from './user.entity.js';
import { maySeeUser } from './user.policy.js';
import type { UsersQuery, UserView } from './users.dto.js';
import { UsersRepository, type NewUser, type SaveOptions } from './users.repository.js';

/** Fields that an update may change. Fields that are left out stay the same. */
export type UserFields = Partial<
  Pick<NewUser, 'email' | 'role' | 'firstName' | 'lastName' | 'phone' | 'timeZone' | 'locale'>
>;

interface InsertOptions {
  /** Whether the new user is the actor. */
  isRegistration?: boolean;
  /** The clinic's country, for a telephone number without a country code. */
  country?: string | null;
  /** Who creates the account, if not the caller of a request. */
  actor?: { userId: string | null; role: string };
  /** Default true: the event of the new account invites a person without a password. */
  isAnnounced?: boolean;
}

interface UpdateOptions extends SaveOptions {
  /** The clinic's country, for a telephone number without a country code. */
  country: string | null;
}

/** The account that takes over the patient record of another one. */
interface TakenOverRecord {
  userId: string;
  /** The account that is closed. */
  closedUserId: string;
  /** The patient record that the account has from now on. */
  clientId: string;
  person: Pick<NewUser, 'firstName' | 'lastName' | 'phone'>;
}

/** Accounts: reads, creates, changes and closes them. Methods that write run in the caller's transaction, if it has one. */
@Injectable()
export class UsersService {
  constructor(
    private readonly users: UsersRepository,
    private readonly phones: PhoneNumbers,
    private readonly access: AccountAccess,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
  ) {}

  /** Audits the read if there are patients on the page. */
  async list(actor: Actor, query: UsersQuery): Promise<Page<UserView>> {
    const page = await this.users.list(actor, query);
    const clientIds = page.items.flatMap(({ clientId }) => clientId ?? []);
    if (clientIds.length > 0) await this.changes.recordListRead(actor, 'user', clientIds);
    return page;
  }

  /** Audits the read of a patient's account. */
  async get(actor: Actor, id: string): Promise<UserView> {
    const user = await this.users.find(id);
    if (!user || !maySeeUser(actor, user)) throw notFound();
    if (user.clientId) {
      await this.changes.recordRead(actor, { objectType: 'user', objectId: id, clientId: user.clientId });
    }
    return user;
  }

  find(id: string): Promise<UserView | null> {
    return this.users.find(id);
  }

  /** The account that has the address for itself, not only as contact data. */
  findOwner(email: string): Promise<UserView | null> {
    return this.users.findOwner(email);
  }

  /** Locks an account until the transaction ends, also a deleted one. */
  lock(id: string): Promise<User | null> {
    return this.users.lock(id);
  }

  /** Like `lock`. @throws DomainError NOT_FOUND for a deleted one */
  async lockExisting(id: string): Promise<User> {
    const user = await this.users.lock(id);
    if (!user || user.deletedAt) throw notFound();
    return user;
  }

  /**
   * Creates the account with its audit row.
   * @throws DomainError VALIDATION_ERROR for an invalid telephone number, EMAIL_TAKEN
   */
  async insert(
    person: NewUser,
    { isRegistration = false, country = null, actor, isAnnounced = true }: InsertOptions = {},
  ): Promise<string> {
    const user = { ...person, phone: await this.phones.normalizePersonPhone(person, country) };
    if (isDeskRecord(user)) await this.assertNotVerified(user.email);
    await this.users.insert(user, this.now());
    if (user.role === 'CLIENT') await this.users.ensureClient(user.id, newId());
    const { passwordHash: _, ...after } = user;
    await this.changes.record({
      action: 'user.created',
      objectType: 'user',
      objectId: user.id,
      after,
      changes: { role: [null, user.role] },
      ...(actor && { actor }),
      ...(isRegistration && { actor: { userId: user.id, role: user.role } }),
      ...(!isAnnounced && { event: null }),
    });
    return user.id;
  }

  /** Creates the accounts of imported patients: without passwords, and without invitations, which the front desk sends. */
  async insertImported(people: readonly NewUser[]): Promise<void> {
    await this.users.insertAll(people, this.now());
    await this.changes.recordAll(
      people.map(({ passwordHash: _, ...after }) => ({
        action: 'user.created',
        objectType: 'user',
        objectId: after.id,
        after,
        changes: { role: [null, after.role] },
        event: null,
      })),
    );
  }

  /** The blind indexes of those addresses that are verified for an account. */
  findVerifiedEmailIndexes(emailIndexes: readonly Buffer[]): Promise<Buffer[]> {
    return this.users.findVerifiedEmailIndexes(emailIndexes);
  }

  /**
   * Changes fields of a locked user. A new e-mail address is unverified: the sessions of its account end, and the old address gets a
   * mail. So does the address of an account whose telephone number changes.
   * @throws DomainError VALIDATION_ERROR for an invalid telephone number, EMAIL_TAKEN
   */
  async update(user: User, fields: UserFields, { country, authorizationChanged }: UpdateOptions): Promise<void> {
    const before = { ...user };
    Object.assign(user, withoutUndefined(fields));
    if (user.role === 'CLIENT' && before.role !== 'CLIENT') await this.users.ensureClient(user.id, newId());
    if (user.phone !== before.phone) user.phone = await this.phones.normalizePersonPhone(user, country);
    if (user.phone !== before.phone) await this.access.notify(before, 'PHONE_CHANGED');
    if (user.email === before.email) return this.saveNewVersion(user, { authorizationChanged });
    user.emailVerifiedAt = null;
    const passwordHash = await this.users.findPasswordHash(user.id);
    const isContactOnly = isDeskRecord({ ...user, passwordHash });
    if (isContactOnly) await this.assertNotVerified(user.email);
    await this.saveNewVersion(user, { authorizationChanged: true });
    if (isContactOnly) return;
    await this.access.endSessions(user.id, 'address changed');
    await this.access.notify(before, 'EMAIL_CHANGED');
  }

  /** Saves a locked user whose clinics have changed, with the next version. */
  saveChangeOfClinics(user: User): Promise<void> {
    return this.saveNewVersion(user, { authorizationChanged: true });
  }

  /** Marks the address as verified, after the link in a mail to it was used. */
  async verifyEmail(id: string): Promise<void> {
    const user = await this.lockExisting(id);
    user.emailVerifiedAt = this.now();
    await this.saveNewVersion(user);
    await this.changes.record({
      action: 'user.email-verified',
      objectType: 'user',
      objectId: id,
      changes: { by: 'link' },
      actor: { userId: id, role: user.role },
    });
  }

  /**
   * Closes an account that somebody else registered with an address: its owner used the link "this was not me", or accepted an
   * invitation that was sent to it. Its upcoming visits are cancelled (ClosedAccountsListener).
   */
  async close(id: string): Promise<void> {
    await this.delete(await this.lockExisting(id), 'disowned by the owner of the address');
    await this.changes.record({ action: 'user.closed', objectType: 'user', objectId: id, changes: { by: 'link' } });
  }

  /**
   * Lets an account take over the patient record of another one, which is closed, in the caller's transaction. Access tokens in use
   * get the record's id at once.
   */
  async takeOver({ userId, closedUserId, clientId, person }: TakenOverRecord): Promise<void> {
    await this.delete(await this.lockExisting(closedUserId), 'patient record merged');
    const user = Object.assign(await this.lockExisting(userId), person);
    await this.saveNewVersion(user, { authorizationChanged: true });
    await this.access.announceClient(user, clientId);
  }

  /** Deletes the account of a locked user, and ends its sessions at once. The row stays, without its identities at providers. */
  async delete(user: User, reason: string): Promise<void> {
    user.deletedAt = this.now();
    await this.access.removeIdentities(user);
    await this.users.save(user);
    await this.access.endSessions(user.id, reason);
  }

  /**
   * On a record of the front desk, an address is contact data. Several patients may have it, unless it is the verified address of an
   * account. An index keeps the addresses of all other accounts unique.
   */
  private async assertNotVerified(email: string | null): Promise<void> {
    if (email && (await this.users.isVerified(email))) throw emailTaken();
  }

  private async saveNewVersion(user: User, options?: SaveOptions): Promise<void> {
    await this.users.saveNewVersion(user, this.now(), options);
  }

  private now(): Date {
    return new Date(this.clock.now());
  }
}

/** Whether nobody can sign in to the account: the front desk created it for a patient. */
const isDeskRecord = ({
  role,
  passwordHash,
  hasIdentity,
}: Pick<NewUser, 'role' | 'passwordHash' | 'hasIdentity'>): boolean =>
  role === 'CLIENT' && passwordHash === null && hasIdentity !== true;

const withoutUndefined = <T extends object>(fields: T): Partial<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
