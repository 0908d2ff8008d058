import type { KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config, publicUrl } from '../../core/config/config.js';
import { isId } from '../../core/kernel/id.js';
import { readSignedText, signText } from '../../core/security/signed-text.js';
import { deriveKey } from '../../core/security/tokens.js';

const ACTIONS = ['verify', 'disown'] as const;
/** `disown`: "this was not me". */
export type EmailAction = (typeof ACTIONS)[number];

export interface EmailToken {
  action: EmailAction;
  verificationId: string;
}

/**
 * The tokens of a verification mail. Each is a MAC over the id of its row: the mail is rendered from the id when it is sent,
 * and no token is stored, not even hashed.
 */
@Injectable()
export class EmailTokens {
  private readonly key: KeyObject;
  private readonly base: string;

  constructor(config: Config) {
    this.key = deriveKey(config.JWT_SECRET, 'email-verification');
    this.base = `${publicUrl(config)}/links`;
  }

  make(action: EmailAction, verificationId: string): string {
    return signText(this.key, `${action} ${verificationId}`);
  }

  url(action: EmailAction, verificationId: string): string {
    return `${this.base}/${this.make(action, verificationId)}`;
  }

  /** @returns null for a token that was not made here */
  read(token: string): EmailToken | null {
    const text = readSignedText(this.key, token);
    const [name, verificationId = ''] = text?.split(' ') ?? [];
    const action = ACTIONS.find((known) => known === name);
    return action && isId(verificationId) ? { action, verificationId } : null;
  }
}
