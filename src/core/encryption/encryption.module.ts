import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { BlindIndex } from './blind-index.js';
import { FieldEncryption } from './field-encryption.js';
import { WrappedKey } from './wrapped-key.entity.js';

@Global()
@Module({
  imports: [TypeOrmModule.forFeature([WrappedKey])],
  providers: [BlindIndex, FieldEncryption],
  exports: [BlindIndex, FieldEncryption],
})
export class EncryptionModule {}
