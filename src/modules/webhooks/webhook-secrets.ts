import { Injectable } from '@nestjs/common';
import { encryptedField } from '../../core/encryption/encrypted-column.js';
import { FieldEncryption } from '../../core/encryption/field-encryption.js';
import type { WebhookEndpoint } from './webhook-endpoint.entity.js';
import { createSecret } from './webhook-signature.js';

export const WEBHOOK_SECRET = encryptedField('webhook_endpoint', 'secret', { id: 'uuid' });
export const PREVIOUS_WEBHOOK_SECRET = encryptedField('webhook_endpoint', 'previous_secret', { id: 'uuid' });

type StoredSecrets = Pick<WebhookEndpoint, 'id' | 'secret' | 'previousSecret'>;

/** Creates, stores and reads the secrets with which deliveries are signed. */
@Injectable()
export class WebhookSecrets {
  constructor(private readonly encryption: FieldEncryption) {}

  create(id: string): { secret: string; encrypted: Buffer } {
    const secret = createSecret();
    return { secret, encrypted: this.encryption.encrypt(WEBHOOK_SECRET, secret, id) };
  }

  /** Replaces the secret of an endpoint, and keeps the replaced one. @returns the new secret */
  rotate(endpoint: StoredSecrets): string {
    const replaced = this.encryption.decrypt(WEBHOOK_SECRET, endpoint.secret, endpoint.id);
    const { secret, encrypted } = this.create(endpoint.id);
    endpoint.secret = encrypted;
    endpoint.previousSecret = this.encryption.encrypt(PREVIOUS_WEBHOOK_SECRET, replaced, endpoint.id);
    return secret;
  }

  /** The secrets to sign with, the new one first. */
  read({ id, secret, previousSecret }: StoredSecrets): string[] {
    const previous = this.encryption.decryptText(PREVIOUS_WEBHOOK_SECRET, previousSecret, id);
    const current = this.encryption.decrypt(WEBHOOK_SECRET, secret, id) as string;
    return previous === null ? [current] : [current, previous];
  }
}
