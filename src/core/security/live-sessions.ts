import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Logger } from 'pino';
import { Config, maxTokenSeconds } from '../config/config.js';
import { PgListener } from '../database/pg-listener.js';
import type { Actor } from '../kernel/actor.js';
import { Clock } from '../kernel/clock.js';
import { LOGGER } from '../logging/logger.js';
import { LiveSessionsRepository } from './live-sessions.repository.js';
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
  /** By session: when it can be forgotten, like `Versioned.until`. */
  private readonly ended = new Map<string, number>();
  private readonly clinics = new Map<string, Versioned<string[]>>();
  private readonly keyClinics = new Map<string, readonly string[]>();
  private readonly clients = new Map<string, Versioned<string>>();
  private readonly pgListener: PgListener;
  private readonly endListeners: ((sessionIds: string[]) => void)[] = [];
  private readonly userListeners: ((userId: string | null) => void)[] = [];

  constructor(
    private readonly changes: LiveSessionsRepository,
    private readonly clock: Clock,
    private readonly config: Config,
    private readonly mfa: MfaRequirements,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.pgListener = new PgListener(
      config.DATABASE_URL,
      {
        name: CHANNEL,
        onMessage: (payload) => (payload === RELOAD ? this.reload() : this.apply(JSON.parse(payload) as Message)),
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

  /** Call in the transaction that switches a user's second factor on or off. */
  async announceFactor(userId: string, hasFactor: boolean): Promise<void> {
    const changedAt = (await this.changes.findFactorChange(userId))?.getTime() ?? this.clock.now();
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
    await this.changes.notify(CHANNEL, RELOAD, () => this.notifyUserChanged(null));
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

  private async announce(message: Message): Promise<void> {
    const text = JSON.stringify(message);
    await this.changes.notify(CHANNEL, text.length > MAX_PAYLOAD_LENGTH ? RELOAD : text, () => this.apply(message));
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
    const seconds = maxTokenSeconds(this.config) + CLOCK_TOLERANCE_SECONDS;
    const sessions = await this.changes.findEndedSessions(seconds);
    if (sessions.length > 0) this.apply({ sessions });
    for (const change of await this.changes.findChangedClinics(seconds)) this.apply(change);
    for (const change of await this.changes.findMergedClients(seconds)) this.apply(change);
    for (const policy of await this.changes.findMfaPolicies(this.mfa.getKnownClinics())) this.mfa.setPolicy(policy);
    for (const { userId, hasFactor, changedAt } of await this.changes.findChangedFactors(seconds)) {
      this.mfa.setFactor(userId, hasFactor, changedAt.getTime());
    }
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
