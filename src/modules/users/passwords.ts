import { createRequire } from 'node:module';
import { Injectable } from '@nestjs/common';
import { Algorithm, hash, verify } from '@node-rs/argon2';
import { compare } from 'bcryptjs';
import type { dictionary } from '@zxcvbn-ts/language-common';
import { DomainError, invalid } from '../../core/kernel/domain-error.js';

/** OWASP's floor for argon2id: 19 MiB, two passes, one lane; 16 ms here. */
const ARGON2 = { algorithm: 2 as Algorithm.Argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** The pool of libuv has four threads; two are left for DNS and files while people sign in. */
const AT_ONCE = 2;
/** Some four seconds of waiting; who comes later is told to come back. */
const WAITING_AT_MOST = 500;

// Of a random password that nobody knows: an unknown address costs the same as a wrong password.
const NOBODY = hash(crypto.randomUUID(), ARGON2);

/** Hashes and checks passwords, a few at a time. Unicode is brought to NFKC, so that every keyboard gives the same. */
@Injectable()
export class Passwords {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  hash(password: string): Promise<string> {
    return this.limited(() => hash(normal(password), ARGON2));
  }

  /** @param stored null for an unknown user: takes as long, and is never right */
  async matches(stored: string | null, password: string): Promise<boolean> {
    const against = stored ?? (await NOBODY);
    const right = await this.limited(() =>
      against.startsWith('$2') ? compare(password, against) : verify(against, normal(password)),
    );
    return right && stored !== null;
  }

  /** Hashes of older systems are exchanged when their owner signs in. */
  isOutdated(stored: string): boolean {
    return !stored.startsWith('$argon2id$');
  }

  /** @throws DomainError VALIDATION_ERROR for a password that others try first */
  assertGood(password: string, email: string | null, field = 'password'): void {
    const lower = normal(password).toLowerCase();
    if (isCommon(lower)) throw invalid({ field, error: 'is one of the most common passwords' });
    if (email && (lower === email || lower === email.split('@')[0])) {
      throw invalid({ field, error: 'must not be the e-mail address' });
    }
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

let known: Set<string> | null = null;

/** Fifty thousand words and their package, 13 MiB: read when the first password is chosen, not to sign people in. */
function commonPasswords(): Set<string> {
  if (!known) {
    const list = createRequire(import.meta.url)('@zxcvbn-ts/language-common') as { dictionary: typeof dictionary };
    known = new Set(list.dictionary['passwords-common'].map((word) => word.toLowerCase()));
  }
  return known;
}

/** On the list, or something short or on the list said again and again, with or without digits behind. */
function isCommon(lower: string): boolean {
  const common = commonPasswords();
  if (common.has(lower)) return true;
  return [lower, lower.replace(/\d+$/, '')].some((text) => {
    const unit = /^(.+?)\1+$/.exec(text)?.[1];
    return unit !== undefined && (unit.length <= 4 || common.has(unit));
  });
}

const normal = (password: string): string => password.normalize('NFKC');
