import { Injectable } from '@nestjs/common';
import { Config, maxTokenSeconds } from '../config/config.js';
import { Clock } from '../kernel/clock.js';
import { forbidden, type DomainError } from '../kernel/domain-error.js';
import type { Actor, Role } from '../kernel/actor.js';

/** The roles of a clinic's own people who must have a second factor, at a version of the clinic. */
export interface ClinicMfaPolicy {
  clinicId: string;
  version: number;
  roles: readonly Role[];
}

type Person = Pick<Actor, 'userId' | 'role' | 'clinicIds'>;

/**
 * Who must have a second factor, and which users with access tokens in use have switched theirs on or off. It is in memory, so that
 * requests need no query; LiveSessions reads it from PostgreSQL and passes changes on to the other processes.
 */
@Injectable()
export class MfaRequirements {
  private readonly policies = new Map<string, { version: number; roles: ReadonlySet<Role> }>();
  private readonly changed = new Map<string, { hasFactor: boolean; changedAt: number; until: number }>();
  private readonly listeners: (() => void)[] = [];
  private setup = '';

  constructor(
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /** By configuration, or by the policy of any of the user's clinics. */
  isRequired({ role, clinicIds }: Pick<Person, 'role' | 'clinicIds'>): boolean {
    if (this.config.MFA_REQUIRED_ROLES.includes(role)) return true;
    if (this.policies.size === 0 || role === 'ADMIN' || role === 'CLIENT') return false;
    return clinicIds.some((id) => this.policies.get(id)?.roles.has(role));
  }

  /** @param hadFactor whether the user had a second factor when their access token was signed */
  isMissing(person: Person, hadFactor: boolean): boolean {
    return this.isRequired(person) && !(this.changed.get(person.userId)?.hasFactor ?? hadFactor);
  }

  /** Registers where a user sets up a second factor, for the message of `refusal`. @param route such as `POST /path` */
  registerSetup(route: string): void {
    this.setup = `: ${route}`;
  }

  /** The refusal of everything but setting up the second factor, the profile and signing out. */
  refusal(): DomainError {
    const message = `Your role needs a second factor. Set it up first${this.setup}.`;
    return forbidden(message, { reason: 'MFA_ENROLMENT' });
  }

  onPolicyChanged(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Ignores a policy that is older than the known one: messages of other processes and own commits come in any order. */
  setPolicy({ clinicId, version, roles }: ClinicMfaPolicy): void {
    const known = this.policies.get(clinicId);
    if (known ? known.version >= version : roles.length === 0) return;
    this.policies.set(clinicId, { version, roles: new Set(roles) });
    for (const listener of this.listeners) listener();
  }

  /** The clinics whose policies are known, including those that no longer require anything. */
  getKnownClinics(): string[] {
    return [...this.policies.keys()];
  }

  /** Ignores a change that is older than the known one, like `setPolicy`. @param changedAt in milliseconds */
  setFactor(userId: string, hasFactor: boolean, changedAt: number): void {
    const now = this.clock.now();
    for (const [id, { until }] of this.changed) if (until <= now) this.changed.delete(id);
    const known = this.changed.get(userId);
    if (known && known.changedAt > changedAt) return;
    this.changed.set(userId, { hasFactor, changedAt, until: now + maxTokenSeconds(this.config) * 1000 });
  }
}
