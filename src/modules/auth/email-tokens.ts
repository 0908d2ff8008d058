import type { KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config, publicUrl } from '../../core/config/config.js';
import { isId } from '../../core/kernel/id.js';
import { readSignedText, signText } from '../../core/security/signed-text.js';
import { deriveKey } from '../../core/security/tokens.js';

const ACTIONS = ['verify', 'disown'] as const;
/** `disown` closes the account: "this was not me". */
export type EmailAction = (typeof ACTIONS)[number];

export interface EmailToken {
  action: EmailAction;
  verificationId: string;
}

/**
 * Creates and reads the tokens of a verification mail. A token contains the id of its row and a MAC. The mail is rendered
 * from the id, so neither the token nor its hash is stored.
 */
@Injectable()
export class EmailTokens {
  private readonly key: KeyObject;
  private readonly linksUrl: string;

  constructor(config: Config) {
    this.key = deriveKey(config.JWT_SECRET, 'email-verification');
    this.linksUrl = `${publicUrl(config)}/links`;
  }

  create(action: EmailAction, verificationId: string): string {
    return signText(this.key, `${action} ${verificationId}`);
  }

  getUrl(action: EmailAction, verificationId: string): string {
    return `${this.linksUrl}/${this.create(action, verificationId)}`;
  }

  /** @returns null for a token that was not created here */
  read(token: string): EmailToken | null {
    const text = readSignedText(this.key, token);
    const [name, verificationId = ''] = text?.split(' ') ?? [];
    const action = ACTIONS.find((known) => known === name);
    return action && isId(verificationId) ? { action, verificationId } : null;
  }
}
