import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import type { Page } from '../../core/http/page.js';
import { Clock } from '../../core/kernel/clock.js';
import { countryOfZone } from '../../core/kernel/country.js';
import { DomainError, forbidden, invalid, notFound, versionMismatch } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import { regionOf } from '../../core/kernel/locale.js';
import { toE164 } from '../../core/kernel/phone.js';
import type { Actor } from '../../core/security/actor.js';
import { LiveSessions } from '../../core/security/live-sessions.js';
import { Passwords } from './passwords.js';
import { mayDeleteUser, maySeeUser } from './user.policy.js';
import type { ChangeUser, CreateUser, UsersQuery, UserView } from './users.dto.js';
import { UsersRepository, type Credentials, type NewUser, type Place, type SignInAccount } from './users.repository.js';

/** A message of PostgreSQL's NOTIFY holds 8000 bytes. */
const ANNOUNCED_AT_ONCE = 150;

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
    return this.users.list(actor, query);
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
  signInAccount(email: string): Promise<SignInAccount | null> {
    return this.users.signInAccount(email);
  }

  credentialsById(id: string): Promise<Credentials | null> {
    return this.users.credentialsById(id);
  }

  /** @returns whether the hash still was `from`: a password that was changed meanwhile stays */
  setPasswordHash(id: string, hash: string, from: string): Promise<boolean> {
    return this.users.setPasswordHash(id, hash, from);
  }

  /** ADMIN makes anybody; a MANAGER makes patients of the own clinics. */
  async create(actor: Actor, request: CreateUser): Promise<UserView> {
    const clinicIds = clinicsFor(actor, request.clinicIds);
    if (actor.role !== 'ADMIN') assertWithinScope(actor, request.role, clinicIds);
    if (request.password) this.passwords.assertStrong(request.password, request);
    const passwordHash = request.password ? await this.passwords.hash(request.password) : null;
    return this.db.transaction(async () => {
      await this.assertClinics(clinicIds);
      const { clinicIds: _ids, password: _password, ...fields } = request;
      const [place] = await this.users.clinicPlaces(clinicIds);
      const { timeZone = place?.timeZone ?? 'UTC', locale = place?.locale ?? 'en', phone = null } = fields;
      const person = { ...fields, timeZone, locale, phone };
      const id = await this.insert({ id: newId(), passwordHash, ...person }, { country: place?.country });
      await this.users.setClinics(id, clinicIds);
      if (request.role === 'CLIENT') await this.users.registerAt(id, clinicIds);
      return this.get(actor.role === 'ADMIN' ? actor : { ...actor, userId: id }, id);
    });
  }

  /**
   * Makes the account, in the caller's transaction, with its audit row.
   * @param country in which a telephone number without a country code is meant first
   * @throws DomainError VALIDATION_ERROR for a telephone number that can't be one
   */
  async insert(
    person: NewUser,
    { byItself = false, country = null }: { byItself?: boolean; country?: string | null } = {},
  ): Promise<string> {
    const user = { ...person, phone: await this.e164(person.phone, countriesOf(person, country)) };
    await this.assertNotVerified(user.email, user.role, user.passwordHash);
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
      const [place] = await this.users.clinicPlaces(before.clinicIds);
      Object.assign(user, await this.withE164(definedOf(fields), user, place?.country ?? null));
      if (user.email !== before.email) {
        user.emailVerifiedAt = null;
        const credentials = await this.users.credentialsById(id);
        await this.assertNotVerified(user.email, user.role, credentials?.passwordHash ?? null);
      }
      await this.applyAuthorization(actor, before, request);
      user.version += 1;
      user.updatedAt = new Date(this.clock.now());
      await this.users.save(user, request.role !== undefined || clinicIds !== undefined);
      const after = await this.users.find(id);
      if (!after) throw notFound();
      await this.changes.record({
        action: 'user.updated',
        objectType: 'user',
        objectId: id,
        before,
        after,
        changes: authorizationChanges(before, after),
      });
      return after;
    });
  }

  /** The person's own fields, changed by the desk with the patient record, in the caller's transaction. */
  async changePerson(
    id: string,
    fields: Partial<Pick<NewUser, 'firstName' | 'lastName' | 'phone' | 'timeZone' | 'locale'>>,
    country: string | null,
  ): Promise<void> {
    const user = await this.users.lock(id);
    if (!user) throw notFound();
    Object.assign(user, await this.withE164(fields, user, country));
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
      if (!mayDeleteUser(actor, before)) throw forbidden('You may not delete this user.');
      user.deletedAt = new Date(this.clock.now());
      await this.users.save(user);
      await this.endSessions(id, 'user deleted');
      await this.changes.record({ action: 'user.deleted', objectType: 'user', objectId: id, before });
      return null;
    });
  }

  /** The address is proven, in the caller's transaction: a link that was mailed to it was used. */
  async verifyEmail(id: string): Promise<void> {
    const user = await this.users.lock(id);
    if (!user || user.deletedAt) throw notFound();
    const now = new Date(this.clock.now());
    Object.assign(user, { emailVerifiedAt: now, updatedAt: now, version: user.version + 1 });
    await this.users.save(user);
    await this.changes.record({
      action: 'user.email-verified',
      objectType: 'user',
      objectId: id,
      changes: { by: 'link' },
      actor: { userId: id, role: user.role },
    });
  }

  /** Closes an account that the owner of its address disowned by the link of a mail, in the caller's transaction. */
  async close(id: string): Promise<void> {
    const user = await this.users.lock(id);
    if (!user || user.deletedAt) throw notFound();
    user.deletedAt = new Date(this.clock.now());
    await this.users.save(user);
    await this.endSessions(id, 'disowned by the address');
    await this.changes.record({ action: 'user.closed', objectType: 'user', objectId: id, changes: { by: 'link' } });
  }

  /** Ends the sessions of a user at once, in the caller's transaction. */
  async endSessions(userId: string, reason: string, except: string | null = null): Promise<void> {
    const ended = await this.users.endSessions(userId, reason, except);
    for (let from = 0; from < ended.length; from += ANNOUNCED_AT_ONCE) {
      await this.sessions.announceEnded(ended.slice(from, from + ANNOUNCED_AT_ONCE));
    }
  }

  /** Makes somebody a member of a clinic, in the caller's transaction; the tokens in use know it at once. */
  async addClinic(userId: string, clinicId: string): Promise<void> {
    await this.sessions.announceClinics(userId, await this.users.addClinic(userId, clinicId));
  }

  /** @throws DomainError VALIDATION_ERROR on the field */
  async assertClinics(ids: readonly string[], field = 'clinicIds'): Promise<void> {
    if (ids.length > 0 && (await this.users.existingClinics(ids)) !== ids.length) {
      throw invalid({ field, error: 'must be a clinic that exists' });
    }
  }

  /**
   * A telephone number as it is stored. One without a country code is read in these countries; where the first, the
   * clinic's, is not known, also in those where this installation has clinics.
   * @throws DomainError VALIDATION_ERROR on `phone` where it is a number of none of them
   */
  async e164(typed: string | null | undefined, countries: readonly (string | null)[]): Promise<string | null> {
    if (typed === null || typed === undefined) return null;
    const others = countries[0] ? [] : await this.users.clinicCountries();
    const number = toE164(typed, [...countries, ...others]);
    if (number) return number;
    throw invalid({
      field: 'phone',
      error: 'must be a telephone number; write it with its country code, such as +20 100 123 4567',
    });
  }

  /** In which countries a number may be meant that is asked for at these clinics: theirs, then all others that have some. */
  async countriesAround(clinicIds: readonly string[]): Promise<string[]> {
    const places = await this.users.clinicPlaces(clinicIds);
    const own = places.flatMap(({ country }) => (country ? [country] : []));
    return [...new Set([...own, ...(await this.users.clinicCountries())])];
  }

  /** Where these clinics are, in the same order. */
  clinicPlaces(ids: readonly string[]): Promise<Place[]> {
    return this.users.clinicPlaces(ids);
  }

  /** A patient made at the desk of a clinic is one of that clinic until the record ends. */
  registerAt(userId: string, clinicId: string): Promise<void> {
    return this.users.registerAt(userId, [clinicId]);
  }

  private async withE164<T extends { phone?: string | null; timeZone?: string; locale?: string }>(
    fields: T,
    { phone, timeZone, locale }: Pick<NewUser, 'phone' | 'timeZone' | 'locale'>,
    country: string | null,
  ): Promise<T> {
    if (typeof fields.phone !== 'string' || fields.phone === phone) return fields;
    const countries = countriesOf({ timeZone, locale, ...fields }, country);
    return { ...fields, phone: await this.e164(fields.phone, countries) };
  }

  /**
   * The address of a patient without a password is contact data, which may repeat. It is refused only where its owner has
   * proven it for an account; the others are held apart by a unique index.
   */
  private async assertNotVerified(email: string | null, role: string, passwordHash: string | null): Promise<void> {
    if (!email || role !== 'CLIENT' || passwordHash !== null) return;
    if (await this.users.isVerified(email)) {
      throw new DomainError('EMAIL_TAKEN', 'There is an account with this e-mail address already.');
    }
  }

  private async applyAuthorization(actor: Actor, before: UserView, { role, clinicIds }: ChangeUser): Promise<void> {
    if (clinicIds) {
      const wanted = clinicsAfter(actor, before, lowerCased(clinicIds));
      await this.assertClinics(wanted);
      await this.users.setClinics(before.id, wanted);
      await this.sessions.announceClinics(before.id, wanted);
    }
    if (!role || role === before.role) return;
    if (role === 'CLIENT') await this.users.ensureClient(before.id, newId());
    await this.endSessions(before.id, 'role changed');
  }
}

/** In which countries somebody's number may be meant, the likeliest first. */
const countriesOf = (
  { timeZone, locale }: Pick<NewUser, 'timeZone' | 'locale'>,
  country: string | null,
): (string | null)[] => [country, countryOfZone(timeZone), regionOf(locale)];

const lowerCased = (ids: readonly string[]): string[] => [...new Set(ids.map((id) => id.toLowerCase()))];

/** The clinics of a new account; the manager of one clinic need not name it. */
function clinicsFor(actor: Actor, asked: string[] | undefined): string[] {
  if (asked || actor.role === 'ADMIN') return lowerCased(asked ?? []);
  if (actor.clinicIds.length !== 1) throw invalid({ field: 'clinicIds', error: 'must say which clinic' });
  return [...actor.clinicIds];
}

/** A MANAGER has no say in the clinics of others: who works there goes on doing so. */
const clinicsAfter = (actor: Actor, before: UserView, asked: string[]): string[] =>
  actor.role === 'ADMIN'
    ? asked
    : [...new Set([...asked, ...before.clinicIds.filter((id) => !actor.clinicIds.includes(id))])];

function assertWithinScope(actor: Actor, role: string | undefined, clinicIds: readonly string[]): void {
  if (role !== undefined && role !== 'CLIENT') throw forbidden('Only an ADMIN gives roles.');
  if (clinicIds.length === 0 || clinicIds.some((id) => !actor.clinicIds.includes(id))) {
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
  const added = lowerCased(request.clinicIds).filter((id) => !user.clinicIds.includes(id));
  if (request.clinicIds.length === 0 || added.some((id) => !actor.clinicIds.includes(id))) {
    throw forbidden('Only clinics that you manage.');
  }
}

/** Who was given which power, in the open: the rest of the record is kept as hashes only. */
function authorizationChanges(before: UserView, after: UserView): Record<string, unknown> {
  const areSameClinics = before.clinicIds.join() === after.clinicIds.join();
  return {
    ...(before.role !== after.role && { role: [before.role, after.role] }),
    ...(!areSameClinics && { clinicIds: [before.clinicIds, after.clinicIds] }),
  };
}

const definedOf = <T extends object>(fields: T): Partial<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
