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
/** The clocks of the database and of the processes may differ. */
const CLOCK_TOLERANCE_SECONDS = 60;

/** What a user has now, at a version of their account. */
interface Versioned<Value> {
  value: Value;
  version: number;
  /** When it can be forgotten, in epoch milliseconds: all access tokens of before have expired. */
  until: number;
}

/** Sent instead of a change that is too long: other processes read the state from the tables. */
const RELOAD = 'reload';

/**
 * Ended sessions and a user whose account has changed, the new clinics or the new patient record of a user, whether a user has a second
 * factor now, or who at a clinic must have one.
 */
export type LiveChange =
  | { sessions: string[]; changed?: string }
  | { user: string; version: number; clinics: string[] }
  | { user: string; version: number; client: string }
  | { factorOf: string; hasFactor: boolean; changedAt: number }
  | { mfaPolicy: ClinicMfaPolicy };

/** Reads the changes of the last seconds that are in a feature's tables. */
type ReadChanges = (seconds: number) => Promise<LiveChange[]>;

/**
 * The changes that access tokens in use do not contain: ended sessions, new clinics of users, patient records that were merged, and
 * second factors. They are in memory, so that requests need no query. They are read from PostgreSQL at the start and after every lost
 * connection, by the features that have the tables; NOTIFY sends each change to the other processes.
 */
@Injectable()
export class LiveSessions implements OnApplicationBootstrap, OnModuleDestroy {
  /** By session: when it can be forgotten, like `Versioned.until`. */
  private readonly ended = new Map<string, number>();
  private readonly clinics = new Map<string, Versioned<string[]>>();
  private readonly keyClinics = new Map<string, readonly string[]>();
  private readonly clients = new Map<string, Versioned<string>>();
  private readonly pgListener: PgListener;
  private readonly readers: ReadChanges[] = [];
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
      {
        name: CHANNEL,
        onMessage: (payload) => (payload === RELOAD ? this.reload() : this.apply(JSON.parse(payload) as LiveChange)),
        onConnect: () => this.reload(),
      },
      logger,
    );
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.pgListener.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.pgListener.stop();
  }

  /** Registers how a feature's changes are read at the start. Call it in onModuleInit. */
  registerReader(read: ReadChanges): void {
    this.readers.push(read);
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

  /** Call in the transaction that gives the user another patient record. @param version of the account after the change */
  async announceClient(userId: string, clientId: string, version: number): Promise<void> {
    await this.announce({ user: userId, version, client: clientId });
  }

  /**
   * Call in the transaction that switches a user's second factor on or off.
   * @param changedAt as it is stored; null for a user who has never had a second factor
   */
  async announceFactor(userId: string, hasFactor: boolean, changedAt: Date | null): Promise<void> {
    await this.announce({ factorOf: userId, hasFactor, changedAt: changedAt?.getTime() ?? this.clock.now() });
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
    await this.notify(RELOAD, () => this.notifyUserChanged(null));
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

  private async announce(change: LiveChange): Promise<void> {
    const text = JSON.stringify(change);
    await this.notify(text.length > MAX_PAYLOAD_LENGTH ? RELOAD : text, () => this.apply(change));
  }

  /** Notifies the other processes at the commit of the current transaction, and calls `onCommit` in this one. */
  private async notify(payload: string, onCommit: () => void): Promise<void> {
    await this.db.rows('SELECT pg_notify($1, $2)', [CHANNEL, payload]);
    this.db.afterCommit(onCommit);
  }

  private apply(change: LiveChange): void {
    const until = this.clock.now() + maxTokenSeconds(this.config) * 1000;
    this.forgetExpired();
    if ('mfaPolicy' in change) return this.mfa.setPolicy(change.mfaPolicy);
    if ('factorOf' in change) {
      const { factorOf, hasFactor, changedAt } = change;
      return this.mfa.setFactor(factorOf, hasFactor, changedAt);
    }
    if ('client' in change) {
      const { user, version, client } = change;
      setNewer(this.clients, user, { value: client, version, until });
      return;
    }
    if ('user' in change) {
      const { user, version, clinics } = change;
      if (setNewer(this.clinics, user, { value: clinics, version, until })) this.notifyUserChanged(user);
      return;
    }
    for (const id of change.sessions) {
      // At the end again if it is known: the map is in the order of `until`.
      this.ended.delete(id);
      this.ended.set(id, until);
      this.keyClinics.delete(id);
    }
    for (const listener of this.endListeners) listener(change.sessions);
    if (change.changed !== undefined) this.notifyUserChanged(change.changed);
  }

  private notifyUserChanged(userId: string | null): void {
    for (const listener of this.userListeners) listener(userId);
  }

  private async reload(): Promise<void> {
    const seconds = maxTokenSeconds(this.config) + CLOCK_TOLERANCE_SECONDS;
    for (const read of this.readers) for (const change of await read(seconds)) this.apply(change);
    this.notifyUserChanged(null);
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
