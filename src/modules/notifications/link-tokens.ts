import { Injectable } from '@nestjs/common';
import type { KeyObject } from 'node:crypto';
import { Config, publicUrl } from '../../core/config/config.js';
import { Clock } from '../../core/kernel/clock.js';
import { readSignedText, signText } from '../../core/security/signed-text.js';
import { deriveKey } from '../../core/security/tokens.js';
import { isUpcoming } from './deliverability.js';
import { NOTIFICATION_KINDS, type NotificationKind } from './templates/message-kinds.js';

const APPOINTMENT_ACTIONS = ['confirm', 'cancel', 'reschedule', 'rebook'] as const;

export interface AppointmentLink {
  /** `rebook`: book a cancelled appointment again, once. */
  action: (typeof APPOINTMENT_ACTIONS)[number];
  appointmentId: string;
  /** Epoch milliseconds. */
  start: number;
  /** In a message to a guardian: the link works only while they may act for the patient. */
  guardianUserId?: string;
}

export interface OfferLink {
  action: 'accept-offer' | 'decline-offer';
  offerId: string;
  /** As of an appointment. */
  guardianUserId?: string;
}

/** The purpose of a link in a message. */
export type Link = AppointmentLink | OfferLink | { action: 'unsubscribe'; userId: string; kind: NotificationKind };

/**
 * Creates and reads links by which patients act without signing in. Each link is signed and has one purpose: to confirm, cancel, move
 * or book again one appointment of one time, to answer one offer, or to stop one kind of e-mail.
 */
@Injectable()
export class LinkTokens {
  private readonly key: KeyObject;
  private readonly base: string;

  constructor(
    config: Config,
    private readonly clock: Clock,
  ) {
    this.key = deriveKey(config.JWT_SECRET, 'links');
    this.base = `${publicUrl(config)}/links`;
  }

  url(link: Link): string {
    return `${this.base}/${signText(this.key, toText(link))}`;
  }

  /**
   * The address where the patient chooses another time: that moves an upcoming appointment, or books a cancelled one again.
   * @param guardianUserId the recipient, if they are not the patient
   * @returns null if its status is neither upcoming nor cancelled
   */
  chooseTimeUrl(
    { id, status, startAt }: { id: string; status: string; startAt: Date },
    guardianUserId?: string,
  ): string | null {
    const action = status === 'CANCELLED' ? 'rebook' : isUpcoming({ status }) ? 'reschedule' : null;
    return action && this.url({ action, appointmentId: id, start: startAt.getTime(), guardianUserId });
  }

  /** @param instant epoch milliseconds, such as the start of the appointment */
  isPast(instant: number): boolean {
    return instant <= this.clock.now();
  }

  /** @returns null if the signature is not ours */
  read(token: string): Link | null {
    const text = readSignedText(this.key, token);
    return text === null ? null : toLink(text);
  }
}

function toText(link: Link): string {
  switch (link.action) {
    case 'unsubscribe':
      return `${link.action} ${link.userId} ${link.kind}`;
    case 'accept-offer':
    case 'decline-offer':
      return joinParts(link.action, link.offerId, link.guardianUserId);
    default:
      return joinParts(link.action, link.appointmentId, link.start, link.guardianUserId);
  }
}

const joinParts = (...parts: (string | number | undefined)[]): string =>
  parts.filter((part) => part !== undefined).join(' ');

function toLink(text: string): Link | null {
  const [name, id = '', rest = '', guardianUserId] = text.split(' ');
  const action = APPOINTMENT_ACTIONS.find((one) => one === name);
  if (action) {
    return { action, appointmentId: id, start: Number(rest), ...(guardianUserId && { guardianUserId }) };
  }
  if (name === 'accept-offer' || name === 'decline-offer')
    return { action: name, offerId: id, ...(rest && { guardianUserId: rest }) };
  const kind = NOTIFICATION_KINDS.find((one) => one === rest);
  return name === 'unsubscribe' && kind ? { action: name, userId: id, kind } : null;
}

/** Offers have their own pages: see OfferPages. */
export const isOfferLink = (link: Link): link is OfferLink =>
  link.action === 'accept-offer' || link.action === 'decline-offer';
