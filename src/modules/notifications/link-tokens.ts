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

/** The purpose of a link in a message. */
export type Link = AppointmentLink | { action: 'unsubscribe'; userId: string; kind: NotificationKind };

/**
 * Creates and reads links by which patients act without signing in. Each link is signed and has one purpose: to confirm or cancel
 * one appointment at one time, or to stop one kind of e-mail.
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

const toText = (link: Link): string =>
  link.action === 'unsubscribe'
    ? `${link.action} ${link.userId} ${link.kind}`
    : [link.action, link.appointmentId, link.start, link.guardianUserId].filter((part) => part !== undefined).join(' ');

function toLink(text: string): Link | null {
  const [action, id = '', rest = '', guardianUserId] = text.split(' ');
  if (action === 'confirm' || action === 'cancel') {
    return { action, appointmentId: id, start: Number(rest), ...(guardianUserId && { guardianUserId }) };
  }
  const kind = NOTIFICATION_KINDS.find((name) => name === rest);
  return action === 'unsubscribe' && kind ? { action, userId: id, kind } : null;
}
