import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { StreamReply } from '../../../core/http/careslot-adapter.js';
import { Operation } from '../../../core/http/operation.js';
import type { PageQuery } from '../../../core/http/page.js';
import { CurrentActor } from '../../../core/http/validation.js';
import type { Actor } from '../../../core/kernel/actor.js';
import { AccountLists } from './account-lists.js';
import { CatalogueLists } from './catalogue-lists.js';
import type { ExportedList, Filters } from './exported-list.js';
import {
  ExportApiKeys,
  ExportAppointments,
  ExportAuditLogs,
  ExportBreakGlass,
  ExportClients,
  ExportClinics,
  ExportClosures,
  ExportDoctors,
  ExportNotifications,
  ExportReferrals,
  ExportResources,
  ExportServices,
  ExportUsers,
  ExportWaitlist,
  type FileFormat,
} from './exports.dto.js';
import { ExportsService } from './exports.service.js';
import { PatientLists } from './patient-lists.js';

const CONTENT_TYPES: Record<FileFormat, string> = {
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** Declares the route of an export. @param what names the rows in the summary */
const Export = (what: string, route: string): MethodDecorator =>
  Operation({
    summary: `Export ${what}`,
    description: `All rows of \`GET ${route}\` with the same filters, as a file (docs/exports.md). Only of clinics that you manage.`,
    permission: 'list:export',
    rawContentType: ['text/csv', CONTENT_TYPES.xlsx],
    errors: ['NOT_FOUND', 'RATE_LIMITED'],
  });

@ApiTags('Import and export')
@Controller('api/v1/exports')
export class ExportsController {
  constructor(
    private readonly exports: ExportsService,
    private readonly patientLists: PatientLists,
    private readonly catalogue: CatalogueLists,
    private readonly accounts: AccountLists,
  ) {}

  @Get('appointments')
  @Export('appointments', '/appointments')
  appointments(@CurrentActor() actor: Actor, @Query() query: ExportAppointments): Promise<StreamReply> {
    return this.send(actor, this.patientLists.appointments, query);
  }

  @Get('clients')
  @Export('patients', '/clients')
  clients(@CurrentActor() actor: Actor, @Query() query: ExportClients): Promise<StreamReply> {
    return this.send(actor, this.patientLists.clients, query);
  }

  @Get('waitlist')
  @Export('the waitlist', '/waitlist')
  waitlist(@CurrentActor() actor: Actor, @Query() query: ExportWaitlist): Promise<StreamReply> {
    return this.send(actor, this.patientLists.waitlist, query);
  }

  @Get('referrals')
  @Export('referrals', '/referrals')
  referrals(@CurrentActor() actor: Actor, @Query() query: ExportReferrals): Promise<StreamReply> {
    return this.send(actor, this.patientLists.referrals, query);
  }

  @Get('clinics')
  @Export('clinics', '/clinics')
  clinics(@CurrentActor() actor: Actor, @Query() query: ExportClinics): Promise<StreamReply> {
    return this.send(actor, this.catalogue.clinics, query);
  }

  @Get('doctors')
  @Export('doctors', '/doctors')
  doctors(@CurrentActor() actor: Actor, @Query() query: ExportDoctors): Promise<StreamReply> {
    return this.send(actor, this.catalogue.doctors, query);
  }

  @Get('services')
  @Export('services', '/services')
  services(@CurrentActor() actor: Actor, @Query() query: ExportServices): Promise<StreamReply> {
    return this.send(actor, this.catalogue.services, query);
  }

  @Get('resources')
  @Export('rooms and equipment', '/resources')
  resources(@CurrentActor() actor: Actor, @Query() query: ExportResources): Promise<StreamReply> {
    return this.send(actor, this.catalogue.resources, query);
  }

  @Get('closures')
  @Export('closures', '/clinics/{id}/closures')
  closures(@CurrentActor() actor: Actor, @Query() query: ExportClosures): Promise<StreamReply> {
    return this.send(actor, this.catalogue.closures, query);
  }

  @Get('users')
  @Export('accounts', '/users')
  users(@CurrentActor() actor: Actor, @Query() query: ExportUsers): Promise<StreamReply> {
    return this.send(actor, this.accounts.users, query);
  }

  @Get('api-keys')
  @Export('API keys', '/api-keys')
  apiKeys(@CurrentActor() actor: Actor, @Query() query: ExportApiKeys): Promise<StreamReply> {
    return this.send(actor, this.accounts.apiKeys, query);
  }

  @Get('audit-logs')
  @Export('audit rows', '/audit-logs')
  auditLogs(@CurrentActor() actor: Actor, @Query() query: ExportAuditLogs): Promise<StreamReply> {
    return this.send(actor, this.accounts.auditLogs, query);
  }

  @Get('break-glass')
  @Export('emergency accesses', '/break-glass')
  breakGlass(@CurrentActor() actor: Actor, @Query() query: ExportBreakGlass): Promise<StreamReply> {
    return this.send(actor, this.accounts.breakGlass, query);
  }

  @Get('notifications')
  @Export('sent messages', '/notifications/log')
  notifications(@CurrentActor() actor: Actor, @Query() query: ExportNotifications): Promise<StreamReply> {
    return this.send(actor, this.accounts.notifications, query);
  }

  private async send<Query extends PageQuery>(
    actor: Actor,
    list: ExportedList<Query>,
    { format, ...filters }: Filters<Query> & { format: FileFormat },
  ): Promise<StreamReply> {
    // TypeScript does not see that the filters without `format` are those of the list.
    const file = await this.exports.export({ actor, list, filters: filters as unknown as Filters<Query> }, format);
    return new StreamReply(file, 200, {
      'Content-Type': CONTENT_TYPES[format],
      'Content-Disposition': `attachment; filename="${list.name}.${format}"`,
      // Without compression: it would hold back the first rows.
      'Cache-Control': 'private, no-store, no-transform',
      'X-Content-Type-Options': 'nosniff',
    });
  }
}
