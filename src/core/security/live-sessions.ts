import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Logger } from 'pino';
import { Config, maxTokenSeconds } from '../config/config.js';
import { Database } from '../database/database.js';
import { PgListener } from '../database/pg-listener.js';
import type { Actor } from '../kernel/actor.js';
import { Clock } from '../kernel/clock.js';
import { LOGGER } from '../logging/logger.js';
import { MfaRequirements, type ClinicMfaPolicy } from './mfa-requirements.js';

const CHANNEL = 'careslot_sessions';

/** NOTIFY accepts payloads of less than 8,000 bytes. Messages contain only ASCII. */
const MAX_PAYLOAD_LENGTH = 7_900;
/** What a user has now, at a version of their account. */
interface Versioned<Value> {
  value: Value;
  version: number;
  until: number;
}

/** Sent instead of a message that is too long: other processes read the state from the tables. */
const RELOAD = 'reload';

/**
 * Ended sessions and a user whose account has changed, the new clinics or the new patient record of a user, whether a user has a second
 * factor now, or who at a clinic must have one.
 */
type Message =
  | { sessions: string[]; changed?: string }
  | { user: string; version: number; clinics: string[] }
  | { user: string; version: number; client: string }
  | { factorOf: string; hasFactor: boolean; changedAt: number }
  | { mfaPolicy: ClinicMfaPolicy };

/**
 * The changes that access tokens in use do not contain: ended sessions, new clinics of users, patient records that were merged, and
 * second factors. They are in memory, so that requests need no query. They are read from PostgreSQL at the start and after every lost
 * connection; NOTIFY sends each change to the other processes.
 */
@Injectable()
export class LiveSessions implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly ended = new Map<string, number>();
  private readonly clinics = new Map<string, Versioned<string[]>>();
  private readonly keyClinics = new Map<string, readonly string[]>();
  private readonly clients = new Map<string, Versioned<string>>();
  private readonly pgListener: PgListener;
  private readonly endListeners: ((sessionIds: string[]) => void)[] = [];
  private readonly userListeners: ((userId: string | null) => void)[] = [];

  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly config: Config,
    private readonly mfa: MfaRequirements,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.pgListener = new PgListener(
      config.DATABASE_URL,
      CHANNEL,
      (payload) => (payload === RELOAD ? this.reload() : this.apply(JSON.parse(payload) as Message)),
      () => this.reload(),
      logger,
    );
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.pgListener.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.pgListener.stop();
  }

  hasEnded(sessionId: string): boolean {
    return this.ended.has(sessionId);
  }

  /** The user's clinics now, if they changed within the lifetime of a token. A token that was signed after the change has the same ones. */
  getChangedClinics(userId: string): readonly string[] | undefined {
    return this.clinics.get(userId)?.value;
  }

  /** The caller with the clinics and the patient record that they have now. */
  withChanges(actor: Actor): Actor {
    const clinicIds = this.clinics.get(actor.userId)?.value;
    const clientId = this.clients.get(actor.userId)?.value;
    if (!clinicIds && !clientId) return actor;
    return { ...actor, ...(clinicIds && { clinicIds }), ...(clientId && { clientId }) };
  }

  onEnded(listener: (sessionIds: string[]) => void): void {
    this.endListeners.push(listener);
  }

  /**
   * Calls the listener if the role, the clinics or the state of a user may have changed; with null after a lost connection, when those
   * of every user may have.
   */
  onUserChanged(listener: (userId: string | null) => void): void {
    this.userListeners.push(listener);
  }

  /** Call in the transaction that ends the sessions. Takes effect in all processes after its commit. */
  async announceEnded(sessionIds: string[]): Promise<void> {
    if (sessionIds.length > 0) await this.announce({ sessions: sessionIds });
  }

  /** Call in the transaction that changes the user's clinics. @param version of the account after the change */
  async announceClinics(userId: string, clinicIds: string[], version: number): Promise<void> {
    await this.announce({ user: userId, version, clinics: clinicIds });
  }

  /** Call in the transaction that switches a user's second factor on or off. */
  async announceFactor(userId: string, hasFactor: boolean): Promise<void> {
    const row = await this.db.row<{ changedAt: Date }>(
      'SELECT changed_at AS "changedAt" FROM mfa_factor WHERE user_id = $1',
      [userId],
    );
    const changedAt = row?.changedAt.getTime() ?? this.clock.now();
    await this.announce({ factorOf: userId, hasFactor, changedAt });
  }

  /** Call in the transaction that changes which people of a clinic must have a second factor. */
  async announceMfaPolicy(policy: ClinicMfaPolicy): Promise<void> {
    await this.announce({ mfaPolicy: policy });
  }

  /** Call in the transaction that changes the role or the state of the user. */
  async announceUserChanged(userId: string): Promise<void> {
    await this.announce({ sessions: [], changed: userId });
  }

  /** Call in the transaction of a rare change that may concern every user, such as the deletion of a clinic. */
  async announceReload(): Promise<void> {
    await this.db.rows('SELECT pg_notify($1, $2)', [CHANNEL, RELOAD]);
    this.db.afterCommit(() => this.notifyUserChanged(null));
  }

  /** Sets in this process where an API key works now, by the key's id. Null: nowhere, so that its sockets are closed. */
  setKeyClinics(id: string, clinicIds: readonly string[] | null): void {
    if (!clinicIds) return this.apply({ sessions: [id] });
    this.ended.delete(id);
    this.keyClinics.set(id, clinicIds);
  }

  /** Where an API key works that was verified in this process. */
  getKeyClinics(id: string): readonly string[] | undefined {
    return this.keyClinics.get(id);
  }

  /** Call in the transaction that gives the user another patient record. @param version of the account after the change */
  async announceClient(userId: string, clientId: string, version: number): Promise<void> {
    await this.announce({ user: userId, version, client: clientId });
  }

  private async announce(message: Message): Promise<void> {
    const text = JSON.stringify(message);
    await this.db.rows('SELECT pg_notify($1, $2)', [CHANNEL, text.length > MAX_PAYLOAD_LENGTH ? RELOAD : text]);
    this.db.afterCommit(() => this.apply(message));
  }

  private apply(message: Message): void {
    const until = this.clock.now() + maxTokenSeconds(this.config) * 1000;
    this.forgetExpired();
    if ('mfaPolicy' in message) return this.mfa.setPolicy(message.mfaPolicy);
    if ('factorOf' in message) {
      const { factorOf, hasFactor, changedAt } = message;
      return this.mfa.setFactor(factorOf, hasFactor, changedAt);
    }
    if ('client' in message) {
      const { user, version, client } = message;
      setNewer(this.clients, user, { value: client, version, until });
      return;
    }
    if ('user' in message) {
      const { user, version, clinics } = message;
      if (setNewer(this.clinics, user, { value: clinics, version, until })) this.notifyUserChanged(user);
      return;
    }
    for (const id of message.sessions) {
      // At the end again if it is known: the map is in the order of `until`.
      this.ended.delete(id);
      this.ended.set(id, until);
      this.keyClinics.delete(id);
    }
    for (const listener of this.endListeners) listener(message.sessions);
    if (message.changed !== undefined) this.notifyUserChanged(message.changed);
  }

  private notifyUserChanged(userId: string | null): void {
    for (const listener of this.userListeners) listener(userId);
  }

  private async reload(): Promise<void> {
    const seconds = maxTokenSeconds(this.config) + 60;
    const ended = await this.db.rows<{ id: string }>(
      `SELECT id FROM session WHERE revoked_at > now() - make_interval(secs => $1)`,
      [seconds],
    );
    if (ended.length > 0) this.apply({ sessions: ended.map(({ id }) => id) });
    const changed = await this.db.rows<{ user: string; version: number; clinics: string[] }>(
      `SELECT u.id AS "user", u.version, coalesce(array_agg(c.clinic_id) FILTER (WHERE c.clinic_id IS NOT NULL), '{}') AS clinics
       FROM user_account u LEFT JOIN user_clinic c ON c.user_id = u.id
       WHERE u.authorization_changed_at > now() - make_interval(secs => $1) AND u.role <> 'CLIENT' GROUP BY u.id`,
      [seconds],
    );
    for (const change of changed) this.apply(change);
    await this.reloadClients(seconds);
    await this.reloadMfa(seconds);
    this.notifyUserChanged(null);
  }

  private async reloadClients(seconds: number): Promise<void> {
    const merged = await this.db.rows<{ user: string; version: number; client: string }>(
      `SELECT u.id AS "user", u.version, c.id AS client
       FROM client_merge m JOIN client c ON c.id IN (m.client_id, m.duplicate_id) JOIN user_account u ON u.id = c.user_id
       WHERE (m.merged_at > now() - make_interval(secs => $1) OR m.undone_at > now() - make_interval(secs => $1))
         AND c.merged_into_id IS NULL`,
      [seconds],
    );
    for (const change of merged) this.apply(change);
  }

  private async reloadMfa(seconds: number): Promise<void> {
    // The version of a deleted clinic is one higher, as in the announcement of its deletion.
    const policies = await this.db.rows<ClinicMfaPolicy>(
      `SELECT id AS "clinicId", version + (deleted_at IS NOT NULL)::int AS version,
              CASE WHEN deleted_at IS NULL THEN mfa_required_roles ELSE '{}' END AS roles
       FROM clinic WHERE mfa_required_roles <> '{}' OR id = ANY ($1::uuid[])`,
      [this.mfa.getKnownClinics()],
    );
    for (const policy of policies) this.mfa.setPolicy(policy);
    const factors = await this.db.rows<{ userId: string; hasFactor: boolean; changedAt: Date }>(
      `SELECT user_id AS "userId", enabled_at IS NOT NULL AS "hasFactor", changed_at AS "changedAt" FROM mfa_factor
       WHERE changed_at > now() - make_interval(secs => $1)`,
      [seconds],
    );
    for (const { userId, hasFactor, changedAt } of factors) this.mfa.setFactor(userId, hasFactor, changedAt.getTime());
  }

  private forgetExpired(): void {
    const now = this.clock.now();
    for (const [id, until] of this.ended) {
      // The map is in the order of `until`.
      if (until > now) break;
      this.ended.delete(id);
    }
    for (const changes of [this.clinics, this.clients]) {
      for (const [id, { until }] of changes) if (until <= now) changes.delete(id);
    }
  }
}

/**
 * Sets the value unless a newer one is known: messages of other processes, own commits and reloads come in any order.
 * @returns whether it was set
 */
function setNewer<Value>(values: Map<string, Versioned<Value>>, key: string, next: Versioned<Value>): boolean {
  const known = values.get(key);
  if (known && known.version > next.version) return false;
  values.set(key, next);
  return true;
}
