import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { MaintenanceScheduler } from '../../core/jobs/maintenance-scheduler.js';
import { Clock } from '../../core/kernel/clock.js';
import { newId } from '../../core/kernel/id.js';
import type { AccountLink, LinkPurpose } from './account-link.entity.js';
import { AccountLinksRepository, type LinkFilter } from './account-links.repository.js';
import type { AccountMessageKind } from './account-message-kinds.js';

const MINUTE_MILLISECONDS = 60_000;
const DAY_MILLISECONDS = 24 * 60 * MINUTE_MILLISECONDS;
const LIFETIMES: Record<LinkPurpose, number> = {
  EMAIL_VERIFICATION: 3 * DAY_MILLISECONDS,
  PASSWORD_RESET: 30 * MINUTE_MILLISECONDS,
  EMAIL_CHANGE: DAY_MILLISECONDS,
  EMAIL_CHANGE_STOP: DAY_MILLISECONDS,
  INVITATION: 7 * DAY_MILLISECONDS,
  // How long the mail is retried.
  NOTICE: 3 * DAY_MILLISECONDS,
};
/** For each purpose and address. */
export const MAX_LINKS_PER_DAY = 3;
/** The rows are kept longer than the links work, to show which addresses got a message. */
const KEEP_DAYS = 30;
const DELETE_EVERY_SECONDS = 3_600;

export interface NewLink {
  userId: string;
  purpose: LinkPurpose;
  /** Where the link is sent: an e-mail address, or a telephone number for an SMS. */
  to: { email: string } | { phone: string };
  sessionId?: string | null;
  /** The clinic that the message names. */
  clinicId?: string | null;
}

/** One-time links in messages about an account. All methods that write must run in a transaction. */
@Injectable()
export class AccountLinksService implements OnModuleInit {
  constructor(
    private readonly links: AccountLinksRepository,
    private readonly changes: ChangeLog,
    private readonly maintenance: MaintenanceScheduler,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.maintenance.register({
      name: 'delete-old-account-links',
      everySeconds: DELETE_EVERY_SECONDS,
      run: () => this.links.deleteCreatedBefore(this.fromNow(-KEEP_DAYS * DAY_MILLISECONDS)),
    });
  }

  /**
   * Creates a link and its message, which is sent after the commit. The message is rendered by its kind (MessageRenderer).
   * @returns the id of the link
   */
  async send(
    { userId, purpose, to, sessionId = null, clinicId = null }: NewLink,
    kind: AccountMessageKind,
  ): Promise<string> {
    const id = newId();
    await this.links.insert({
      id,
      userId,
      purpose,
      email: 'email' in to ? to.email : null,
      phone: 'phone' in to ? to.phone : null,
      sessionId,
      createdAt: this.fromNow(0),
      expiresAt: this.fromNow(LIFETIMES[purpose]),
    });
    const channel = 'email' in to ? 'EMAIL' : 'SMS';
    await this.changes.record({
      action: 'user.link-requested',
      objectType: 'user',
      objectId: userId,
      changes: { purpose, kind },
      clinicId,
      event: { name: 'account:message-requested', payload: { userId, linkId: id, kind, channel, clinicId } },
    });
    return id;
  }

  /** Sends a mail without a link, such as "your password was changed". */
  async notify(userId: string, email: string, kind: AccountMessageKind): Promise<void> {
    await this.send({ userId, purpose: 'NOTICE', to: { email } }, kind);
  }

  /** @returns null if the link is of another purpose, used, revoked or expired */
  findUsable(id: string, purpose: LinkPurpose): Promise<AccountLink | null> {
    return this.links.findUsable(id, purpose, this.fromNow(0));
  }

  /** The language for a page of the link, also if the link is used, revoked or expired; null if its row was deleted. */
  findLocale(id: string): Promise<string | null> {
    return this.links.findLocale(id);
  }

  /** Whether the account has a link to this address that can still be used. */
  hasUsable(userId: string, purpose: LinkPurpose, email: string): Promise<boolean> {
    return this.links.hasUsable(userId, purpose, email, this.fromNow(0));
  }

  /**
   * Uses a link. Concurrent uses wait for each other until the end of their transactions; one of them succeeds.
   * @returns null if the link is of another purpose, used, revoked or expired
   */
  async use(id: string, purpose: LinkPurpose): Promise<AccountLink | null> {
    const link = await this.findUsable(id, purpose);
    return link && (await this.links.use(id, this.fromNow(0))) ? link : null;
  }

  /** Makes the account's links of these purposes unusable. */
  revokeAll(userId: string, ...purposes: LinkPurpose[]): Promise<void> {
    return this.links.revoke({ userId }, purposes, this.fromNow(0));
  }

  /** Makes the links of these purposes that the account asked for in this session unusable. */
  revokeOfSession(userId: string, sessionId: string, ...purposes: LinkPurpose[]): Promise<void> {
    return this.links.revoke({ userId, sessionId }, purposes, this.fromNow(0));
  }

  /**
   * Milliseconds until another link of the purpose may be sent to the address, or for the account; 0 if it may be sent now.
   * For an address, call `lockAddress` before.
   */
  async getWaitMilliseconds(where: LinkFilter, max = MAX_LINKS_PER_DAY): Promise<number> {
    const times = await this.links.listCreationTimes(where, this.fromNow(-DAY_MILLISECONDS), max);
    const earliest = times[max - 1];
    return earliest ? earliest.getTime() + DAY_MILLISECONDS - this.clock.now() : 0;
  }

  /**
   * Locks an address for a purpose until the transaction ends, so that concurrent requests are counted one after the other. Lock no
   * account after it: the outbox locks several addresses and accounts in one transaction.
   */
  lockAddress(email: string, purpose: LinkPurpose): Promise<void> {
    return this.links.lockAddress(email, purpose);
  }

  private fromNow(milliseconds: number): Date {
    return new Date(this.clock.now() + milliseconds);
  }
}
