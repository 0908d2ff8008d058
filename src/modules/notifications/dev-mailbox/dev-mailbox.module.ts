import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DevMailboxController } from './dev-mailbox.controller.js';
import { DevMailbox } from './dev-mailbox.js';
import { DevMailboxMessage } from './dev-mailbox-message.entity.js';

@Module({ imports: [TypeOrmModule.forFeature([DevMailboxMessage])], providers: [DevMailbox], exports: [DevMailbox] })
export class DevMailboxModule {}

/** The routes under /dev/mail. Not imported in production. */
@Module({ imports: [DevMailboxModule], controllers: [DevMailboxController] })
export class DevMailboxRoutesModule {}
