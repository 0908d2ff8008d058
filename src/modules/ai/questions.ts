import { createHmac, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from '../../core/config/config.js';
import { deriveKey } from '../../core/security/tokens.js';
import type { ChatRequest } from './chat.dto.js';
import type { Question } from './conversations/conversations.repository.js';
import type { Prompt } from './prompt.js';
import { totalOf } from './redaction/redaction.js';
import type { Asked } from './turn.js';

/**
 * What is kept of messages. Their fingerprints are HMACs: by plain hashes whoever has the database, or reads the audit
 * log, could try out what was said.
 */
@Injectable()
export class Questions {
  private readonly key: KeyObject;

  constructor(config: Config) {
    this.key = deriveKey(config.JWT_SECRET, 'chat-fingerprints');
  }

  of(
    { actor, request, key }: Asked,
    { prompt, ...given }: Pick<Question, 'id' | 'conversationId' | 'clinicId' | 'locale'> & { prompt: Prompt | null },
  ): Question {
    return {
      ...given,
      userId: actor.userId,
      text: request.message,
      redactions: prompt ? totalOf(prompt.redactions) : 0,
      promptHash: prompt ? this.fingerprint(prompt.messages) : null,
      requestKey: key,
      requestHash: this.hashOf(request),
    };
  }

  /** Tells a repeated request from another one with the same key. */
  hashOf({ conversationId, message, clinicId, locale }: ChatRequest): Buffer {
    return this.fingerprint([conversationId, message, clinicId, locale]);
  }

  private fingerprint(said: unknown): Buffer {
    return createHmac('sha256', this.key).update(JSON.stringify(said)).digest();
  }
}
