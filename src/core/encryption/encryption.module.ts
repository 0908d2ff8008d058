import { Global, Module } from '@nestjs/common';
import { BlindIndex } from './blind-index.js';
import { FieldEncryption } from './field-encryption.js';

@Global()
@Module({ providers: [BlindIndex, FieldEncryption], exports: [BlindIndex, FieldEncryption] })
export class EncryptionModule {}
