import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccountLink } from './account-link.entity.js';
import { AccountLinkTokens } from './account-link-tokens.js';
import { AccountLinksRepository } from './account-links.repository.js';
import { AccountLinksService } from './account-links.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([AccountLink])],
  providers: [AccountLinkTokens, AccountLinksRepository, AccountLinksService],
  exports: [AccountLinkTokens, AccountLinksService],
})
export class AccountLinksModule {}
