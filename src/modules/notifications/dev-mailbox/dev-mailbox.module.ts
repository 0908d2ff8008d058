import { Module } from '@nestjs/common';
import { DevMailbox } from './dev-mailbox.js';

@Module({ providers: [DevMailbox], exports: [DevMailbox] })
export class DevMailboxModule {}
