import { Injectable } from '@nestjs/common';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { KeyObject } from 'node:crypto';
import { Config } from '../config/config.js';
import { Clock } from '../kernel/clock.js';
import type { Actor } from '../kernel/actor.js';
import { LiveSessions } from '../security/live-sessions.js';
import { readSignedText, signText } from '../security/signed-text.js';
import { deriveKey } from '../security/tokens.js';

export const BOARD_PATH = '/ops/queues';
const COOKIE = 'careslot_board';
const MAX_AGE_SECONDS = 15 * 60;

/** The cookie of the queue board, valid for 15 minutes of an ADMIN's session: a browser cannot send a bearer token to load a page. */
@Injectable()
export class QueueBoardSession {
  private readonly key: KeyObject;

  constructor(
    private readonly config: Config,
    private readonly clock: Clock,
    private readonly sessions: LiveSessions,
  ) {
    this.key = deriveKey(config.JWT_SECRET, 'queue-board');
  }

  /** @returns the Set-Cookie header */
  createCookie({ sessionId }: Actor): string {
    return stringifySetCookie({
      name: COOKIE,
      value: signText(this.key, `${sessionId} ${this.clock.now() + MAX_AGE_SECONDS * 1000}`),
      path: BOARD_PATH,
      maxAge: MAX_AGE_SECONDS,
      httpOnly: true,
      sameSite: 'strict',
      secure: this.config.NODE_ENV === 'production',
    });
  }

  isValid(cookies: string | undefined): boolean {
    const token = cookies && parseCookie(cookies)[COOKIE];
    const [sessionId = '', expiresAt] = (token && readSignedText(this.key, token))?.split(' ') ?? [];
    return Number(expiresAt) > this.clock.now() && !this.sessions.hasEnded(sessionId);
  }
}
