import type { KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config, publicUrl } from '../../core/config/config.js';
import { isId } from '../../core/kernel/id.js';
import { readSignedText, signText } from '../../core/security/signed-text.js';
import { deriveKey } from '../../core/security/tokens.js';
import type { LinkPurpose } from './account-link.entity.js';

/** What a link does, and the purpose of its row. `disown` closes the account: "this was not me". */
const PURPOSES = {
  verify: 'EMAIL_VERIFICATION',
  disown: 'EMAIL_VERIFICATION',
  'reset-password': 'PASSWORD_RESET',
  'change-email': 'EMAIL_CHANGE',
  'stop-email-change': 'EMAIL_CHANGE_STOP',
  'accept-invitation': 'INVITATION',
} as const satisfies Record<string, LinkPurpose>;

export type LinkAction = keyof typeof PURPOSES;

export interface LinkToken {
  action: LinkAction;
  linkId: string;
}

const ACTIONS = Object.keys(PURPOSES) as LinkAction[];

/**
 * Creates and reads the tokens of account links. A token contains the action, the id of its row and a MAC by a key of its
 * purpose. The message is rendered from the id, so neither the token nor its hash is stored.
 */
@Injectable()
export class AccountLinkTokens {
  private readonly keys: ReadonlyMap<LinkPurpose, KeyObject>;
  private readonly linksUrl: string;

  constructor(config: Config) {
    const purposes = [...new Set(Object.values(PURPOSES))];
    this.keys = new Map(purposes.map((purpose) => [purpose, deriveKey(config.JWT_SECRET, toKeyName(purpose))]));
    // The configured address: the Host header of a request could be an attacker's.
    this.linksUrl = `${publicUrl(config)}/links`;
  }

  create(action: LinkAction, linkId: string): string {
    return signText(this.getKey(action), `${action} ${linkId}`);
  }

  getUrl(action: LinkAction, linkId: string): string {
    return `${this.linksUrl}/${this.create(action, linkId)}`;
  }

  /** @returns null for a token that was not created here */
  read(token: string): LinkToken | null {
    for (const action of ACTIONS) {
      const [name, linkId = ''] = readSignedText(this.getKey(action), token)?.split(' ') ?? [];
      if (name === action && isId(linkId)) return { action, linkId };
    }
    return null;
  }

  /** @returns the id of the link; null for a token of another action */
  readFor(action: LinkAction, token: string): string | null {
    const link = this.read(token);
    return link?.action === action ? link.linkId : null;
  }

  private getKey(action: LinkAction): KeyObject {
    return this.keys.get(PURPOSES[action]) as KeyObject;
  }
}

/** `email-verification`, `password-reset` and so on. */
const toKeyName = (purpose: LinkPurpose): string => purpose.toLowerCase().replaceAll('_', '-');
