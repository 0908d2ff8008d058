import { Injectable } from '@nestjs/common';
import type { KeyObject } from 'node:crypto';
import { Config, publicUrl } from '../../core/config/config.js';
import { Clock } from '../../core/kernel/clock.js';
import { readSignedText, signText } from '../../core/security/signed-text.js';
import { deriveKey } from '../../core/security/tokens.js';
import { NOTIFICATION_KINDS, type NotificationKind } from './templates/message-kinds.js';

export interface AppointmentLink {
  action: 'confirm' | 'cancel';
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
 * Creates and reads links by which patients act without signing in. Each link is signed and has one purpose: to confirm or cancel
 * one appointment at one time, to answer one offer, or to stop one kind of e-mail.
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

  /** Whether the appointment of the link has started. */
  hasStarted({ start }: AppointmentLink): boolean {
    return start <= this.clock.now();
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
  const [action, id = '', rest = '', guardianUserId] = text.split(' ');
  if (action === 'confirm' || action === 'cancel') {
    return { action, appointmentId: id, start: Number(rest), ...(guardianUserId && { guardianUserId }) };
  }
  if (action === 'accept-offer' || action === 'decline-offer')
    return { action, offerId: id, ...(rest && { guardianUserId: rest }) };
  const kind = NOTIFICATION_KINDS.find((name) => name === rest);
  return action === 'unsubscribe' && kind ? { action, userId: id, kind } : null;
}

/** Offers have their own pages: see OfferPages. */
export const isOfferLink = (link: Link): link is OfferLink =>
  link.action === 'accept-offer' || link.action === 'decline-offer';
