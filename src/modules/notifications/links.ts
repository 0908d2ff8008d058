import { Injectable } from '@nestjs/common';
import type { KeyObject } from 'node:crypto';
import { Config, publicUrl } from '../../core/config/config.js';
import { readSignedText, signText } from '../../core/security/signed-text.js';
import { deriveKey } from '../../core/security/tokens.js';
import { NOTIFICATION_KINDS, type NotificationKind } from './templates/templates.js';

export type AppointmentAction = 'confirm' | 'cancel';

/** What the link of a message is good for. */
export type Link =
  | { action: AppointmentAction; appointmentId: string; /** Epoch milliseconds. */ start: number }
  | { action: 'unsubscribe'; userId: string; kind: NotificationKind };

/**
 * Links that act for the patient without a sign-in. Signed, and each good for one thing: this visit at this time, or one
 * kind of mail. Once it has been used, or the visit was moved, cancelled or has begun, it does nothing any more.
 */
@Injectable()
export class Links {
  private readonly key: KeyObject;
  private readonly base: string;

  constructor(config: Config) {
    this.key = deriveKey(config.JWT_SECRET, 'links');
    this.base = `${publicUrl(config)}/links`;
  }

  url(link: Link): string {
    return `${this.base}/${signText(this.key, textOf(link))}`;
  }

  /** @returns null for what we did not sign */
  read(token: string): Link | null {
    const text = readSignedText(this.key, token);
    return text === null ? null : linkOf(text);
  }
}

const textOf = (link: Link): string =>
  link.action === 'unsubscribe'
    ? `${link.action} ${link.userId} ${link.kind}`
    : `${link.action} ${link.appointmentId} ${link.start}`;

function linkOf(text: string): Link | null {
  const [action, id = '', rest = ''] = text.split(' ');
  if (action === 'confirm' || action === 'cancel') return { action, appointmentId: id, start: Number(rest) };
  const kind = NOTIFICATION_KINDS.find((name) => name === rest);
  return action === 'unsubscribe' && kind ? { action, userId: id, kind } : null;
}
