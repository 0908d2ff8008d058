import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import type { Page } from '../../core/http/page.js';
import { Clock } from '../../core/kernel/clock.js';
import { invalid, notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import type { Actor } from '../../core/kernel/actor.js';
import type { ClinicMfaPolicy } from '../../core/security/mfa-requirements.js';
import type { AccountMessageKind } from '../account-links/index.js';
import { AccountAccess, type EndWorkAtClinic } from './account-access.js';
import { emailTaken } from './users.errors.js';
import { PhoneNumbers } from './phone-numbers.js';
import type { User } from './user.entity.js';
import { maySeeUser } from './user.policy.js';
import type { UsersQuery, UserView } from './users.dto.js';
import { UsersRepository, type Credentials, type NewUser, type Place, type SignInAccount } from './users.repository.js';

/** Fields that an update may change. Fields that are left out stay the same. */
type UserFields = Partial<Pick<NewUser, 'email' | 'role' | 'firstName' | 'lastName' | 'phone' | 'timeZone' | 'locale'>>;

interface InsertOptions {
  /** Whether the new user is the actor. */
  isRegistration?: boolean;
  /** The clinic's country, for a telephone number without a country code. */
  country?: string | null;
  /** Who creates the account, if not the caller of a request. */
  actor?: { userId: string | null; role: string };
}

/** Accounts, for all features. Methods that write run in the caller's transaction, if it has one. */
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

  /** For signing in only. */
  findSignInAccount(email: string): Promise<SignInAccount | null> {
    return this.users.findSignInAccount(email);
  }

  /** For signing in only. */
  findSignInAccountById(id: string): Promise<SignInAccount | null> {
    return this.users.findSignInAccountById(id);
  }

  findCredentials(id: string): Promise<Credentials | null> {
    return this.users.findCredentials(id);
  }

  /** Replaces the hash `from`. @returns false if the password was changed in the meantime */
  setPasswordHash(id: string, hash: string, from: string): Promise<boolean> {
    return this.users.setPasswordHash(id, hash, from);
  }

  /**
   * Creates the account with its audit row.
   * @throws DomainError VALIDATION_ERROR for an invalid telephone number, EMAIL_TAKEN
   */
  async insert(
    person: NewUser,
    { isRegistration = false, country = null, actor }: InsertOptions = {},
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
    });
    return user.id;
  }

  /** Changes the fields of a patient's account when the front desk changes the patient record. */
  async changePerson(id: string, fields: UserFields, country: string | null): Promise<void> {
    await this.update(await this.lockExisting(id), fields, country);
  }

  /**
   * Changes fields of a locked user. A new e-mail address is unverified: the sessions of its account end, and the old address gets a
   * mail. So does the address of an account whose telephone number changes.
   * @throws DomainError VALIDATION_ERROR for an invalid telephone number, EMAIL_TAKEN
   */
  async update(user: User, fields: UserFields, country: string | null, authorizationChanged = false): Promise<void> {
    const before = { ...user };
    Object.assign(user, withoutUndefined(fields));
    if (user.phone !== before.phone) user.phone = await this.phones.normalizePersonPhone(user, country);
    if (user.phone !== before.phone) await this.access.notify(before, 'PHONE_CHANGED');
    if (user.email === before.email) return this.saveNewVersion(user, authorizationChanged);
    user.emailVerifiedAt = null;
    const passwordHash = (await this.users.findCredentials(user.id))?.passwordHash ?? null;
    const isContactOnly = isDeskRecord({ ...user, passwordHash });
    if (isContactOnly) await this.assertNotVerified(user.email);
    await this.saveNewVersion(user, true);
    if (isContactOnly) return;
    await this.access.end(user.id, 'address changed');
    await this.access.notify(before, 'EMAIL_CHANGED');
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

  /** The account that has the address for itself, not only as contact data. */
  findOwner(email: string): Promise<UserView | null> {
    return this.users.findOwner(email);
  }

  /**
   * Sets the password of an account that has none, and its verified address, in the caller's transaction. Whoever proves that
   * the address is theirs wins: an unverified patient account that was registered with it is closed. Not if it has visits, which may
   * be the person's own: they can reset its password, and claim the record.
   * @returns false if the account has a password already
   * @throws DomainError EMAIL_TAKEN if the address is that of another account: verified, of staff, or with visits
   */
  async activate(id: string, passwordHash: string, email: string): Promise<boolean> {
    await this.lockExisting(id);
    const owner = await this.users.findOwner(email);
    if (owner && owner.id !== id) {
      if (owner.role !== 'CLIENT' || owner.emailVerified) throw emailTaken();
      if (await this.users.hasVisits(owner.id)) throw emailTaken();
      await this.close(owner.id);
    }
    return this.users.setFirstPassword(id, passwordHash, email, this.now());
  }

  /**
   * Closes an account that somebody else registered with an address: its owner used the link "this was not me", or accepted an
   * invitation that was sent to it.
   */
  async close(id: string): Promise<void> {
    await this.delete(await this.lockExisting(id), 'disowned by the owner of the address');
    await this.changes.record({ action: 'user.closed', objectType: 'user', objectId: id, changes: { by: 'link' } });
  }

  /**
   * Lets an account take over the patient record of another one, which is closed, in the caller's transaction. Access tokens in use
   * get the record's id at once.
   */
  async takeOver(
    id: string,
    fromId: string,
    clientId: string,
    person: Pick<NewUser, 'firstName' | 'lastName' | 'phone'>,
  ): Promise<void> {
    await this.delete(await this.lockExisting(fromId), 'patient record merged');
    const user = Object.assign(await this.lockExisting(id), person);
    await this.saveNewVersion(user, true);
    await this.access.announceClient(id, clientId);
  }

  /** Deletes the account of a locked user, and ends its sessions at once. The row stays, without its identities at providers. */
  async delete(user: User, reason: string): Promise<void> {
    user.deletedAt = this.now();
    user.hasIdentity = false;
    await this.users.removeIdentities(user.id);
    await this.users.save(user);
    await this.endSessions(user.id, reason);
  }

  /** Ends the sessions of a user at once, and open links to reset the password or change the address. */
  endSessions(userId: string, reason: string, except: string | null = null): Promise<void> {
    return this.access.end(userId, reason, except);
  }

  /** Revokes the link of a change of address that was asked for in this session: somebody else may have used the session. */
  stopEmailChangeOf(userId: string, sessionId: string): Promise<void> {
    return this.access.stopEmailChangeOf(userId, sessionId);
  }

  /** Sends the owner of an account a mail without a link. Call it in the transaction of the change. */
  notify(userId: string, kind: AccountMessageKind): Promise<void> {
    return this.access.notifyOwner(userId, kind);
  }

  /** Tells all processes which people of a clinic must have a second factor. Call it in the transaction of the change. */
  announceMfaPolicy(policy: ClinicMfaPolicy): Promise<void> {
    return this.access.announceMfaPolicy(policy);
  }

  /** Call it in the transaction that deletes a clinic. */
  announceClinicDeleted(): Promise<void> {
    return this.access.announceClinicDeleted();
  }

  /** Registers what another feature ends when a person leaves a clinic. */
  onLeavingClinic(end: EndWorkAtClinic): void {
    this.access.onLeavingClinic(end);
  }

  /** Ends what a person has at clinics that they leave. Call it before the account is locked. @returns whether sessions must end */
  leaveClinics(actor: Actor, userId: string, clinicIds: readonly string[]): Promise<boolean> {
    return this.access.leaveClinics(actor, userId, clinicIds);
  }

  /** Makes the invitations unusable that a person has from clinics that they left. */
  revokeInvitations(userId: string, leftClinicIds: readonly string[], hasClinics: boolean): Promise<void> {
    return this.access.revokeInvitations(userId, leftClinicIds, hasClinics, this.now());
  }

  /** Makes a user a member of a clinic. Access tokens that are in use get the new clinics at once. */
  async addClinic(userId: string, clinicId: string): Promise<void> {
    await this.access.announceClinics(userId, await this.users.addClinic(userId, clinicId));
  }

  /** Replaces the clinics of a user, who may stay a member of a deleted clinic. @throws DomainError VALIDATION_ERROR */
  async setClinics(user: Pick<UserView, 'id' | 'clinicIds'>, clinicIds: string[]): Promise<void> {
    await this.assertClinics(clinicIds.filter((id) => !user.clinicIds.includes(id)));
    await this.users.setClinics(user.id, clinicIds);
    await this.access.announceClinics(user.id, clinicIds);
  }

  /** Whether another administrator can sign in. Also locks the administrators until the transaction ends. */
  hasOtherAdministrator(id: string): Promise<boolean> {
    return this.users.hasOtherAdministrator(id);
  }

  /** @throws DomainError VALIDATION_ERROR on the field */
  async assertClinics(ids: readonly string[], field = 'clinicIds'): Promise<void> {
    if (ids.length > 0 && (await this.users.countClinics(ids)) !== ids.length) {
      throw invalid({ field, error: 'must be a clinic that exists' });
    }
  }

  /** Countries, time zones and languages of clinics, in the order of the ids. */
  getClinicPlaces(ids: readonly string[]): Promise<Place[]> {
    return this.users.getClinicPlaces(ids);
  }

  /** Converts a telephone number to E.164. @throws DomainError VALIDATION_ERROR on `phone` */
  toE164(typed: string | null | undefined, countries: readonly (string | null)[]): Promise<string | null> {
    return this.phones.toE164(typed, countries);
  }

  /** The countries in which a telephone number is searched at these clinics. */
  getSearchCountries(typed: string, clinicIds: readonly string[]): Promise<string[]> {
    return this.phones.getSearchCountries(typed, clinicIds);
  }

  /** Registers a patient at a clinic. */
  registerAt(userId: string, clinicId: string): Promise<void> {
    return this.users.registerAt(userId, [clinicId]);
  }

  /**
   * On a record of the front desk, an address is contact data. Several patients may have it, unless it is the verified address of an
   * account. An index keeps the addresses of all other accounts unique.
   */
  private async assertNotVerified(email: string | null): Promise<void> {
    if (email && (await this.users.isVerified(email))) throw emailTaken();
  }

  private async lockExisting(id: string): Promise<User> {
    const user = await this.users.lock(id);
    if (!user || user.deletedAt) throw notFound();
    return user;
  }

  private async saveNewVersion(user: User, authorizationChanged = false): Promise<void> {
    user.version += 1;
    user.updatedAt = this.now();
    await this.users.save(user, authorizationChanged);
  }

  now(): Date {
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
