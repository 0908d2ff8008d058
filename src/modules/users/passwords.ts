import { Injectable } from '@nestjs/common';
import { Algorithm, hash, verify } from '@node-rs/argon2';
import { compare } from 'bcryptjs';
import { DomainError, invalid } from '../../core/kernel/domain-error.js';
import { isStrongPassword, type PasswordOwner } from './password-strength.js';

/** OWASP's floor for argon2id: 19 MiB, two passes, one lane; 16 ms here. */
const ARGON2 = { algorithm: 2 as Algorithm.Argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** libuv's pool has four threads; two are left for DNS and files. */
const AT_ONCE = 2;
/** About four seconds of waiting; further requests are refused. */
const WAITING_AT_MOST = 500;

/** Unicode characters, so an emoji is one. */
const MIN_CHARACTERS = 8;

// The hash of a random password: checking an unknown address takes as long as a wrong password.
const NOBODY = hash(crypto.randomUUID(), ARGON2);

/** Hashes and checks passwords, a few at a time. Passwords are normalized to NFKC, so that all keyboards give the same. */
@Injectable()
export class Passwords {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  hash(password: string): Promise<string> {
    return this.limited(() => hash(normal(password), ARGON2));
  }

  /** @param stored null for an unknown user: takes as long, and never matches */
  async matches(stored: string | null, password: string): Promise<boolean> {
    const against = stored ?? (await NOBODY);
    const right = await this.limited(() =>
      against.startsWith('$2') ? compare(password, against) : verify(against, normal(password)),
    );
    return right && stored !== null;
  }

  /** Hashes of older systems are replaced when their user signs in. */
  isOutdated(stored: string): boolean {
    return !stored.startsWith('$argon2id$');
  }

  /** @throws DomainError VALIDATION_ERROR for a password that is easy to guess */
  assertStrong(password: string, owner: PasswordOwner, field = 'password'): void {
    const text = normal(password);
    if ([...text].length < MIN_CHARACTERS) {
      throw invalid({ field, error: `must have at least ${MIN_CHARACTERS} characters` });
    }
    if (isStrongPassword(text, owner)) return;
    throw invalid({
      field,
      error: 'is guessed too easily: use several words that are not about you, or more characters',
    });
  }

  private async limited<T>(work: () => Promise<T>): Promise<T> {
    if (this.waiting.length >= WAITING_AT_MOST) {
      throw new DomainError(
        'SERVICE_UNAVAILABLE',
        'Too many people sign in at once; try again in a moment.',
        undefined,
        2,
      );
    }
    if (this.running >= AT_ONCE) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running += 1;
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}

const normal = (password: string): string => password.normalize('NFKC');
