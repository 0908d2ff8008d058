import { Module } from '@nestjs/common';
import { DevMailboxController } from './dev-mailbox.controller.js';
import { DevMailbox } from './dev-mailbox.js';

@Module({ providers: [DevMailbox], exports: [DevMailbox] })
export class DevMailboxModule {}

/** The routes under /dev/mail. Not imported in production. */
@Module({ imports: [DevMailboxModule], controllers: [DevMailboxController] })
export class DevMailboxRoutesModule {}
