import type { Type } from '@nestjs/common';
import { IntersectionType, OmitType } from '@nestjs/swagger';
import { IsIn, IsOptional, IsUUID } from 'class-validator';
import type { PageQuery } from '../../../core/http/page.js';
import { ApiKeysQuery } from '../../api-keys/index.js';
import { AppointmentsQuery } from '../../appointments/index.js';
import { AuditLogsQuery } from '../../audit/index.js';
import { BreakGlassQuery } from '../../break-glass/index.js';
import { ClientsQuery } from '../../clients/index.js';
import { DoctorsQuery } from '../../doctors/index.js';
import { LogQuery } from '../../notifications/index.js';
import { ReferralsQuery } from '../../referrals/index.js';
import { ExceptionsQuery, ResourcesQuery, ServicesQuery } from '../../scheduling/index.js';
import { UsersQuery } from '../../users/index.js';
import { WaitlistQuery } from '../../waitlist/index.js';

const FORMATS = ['csv', 'xlsx'] as const;
export type FileFormat = (typeof FORMATS)[number];

export class ExportQuery {
  /** @example xlsx */
  @IsOptional()
  @IsIn(FORMATS)
  format: FileFormat = 'csv';
}

/** For lists of clinics' records whose own query has no clinic. */
class OneClinicQuery {
  /** Default: your clinics, one after the other. */
  @IsOptional()
  @IsUUID()
  clinicId?: string;
}

/** The query of an export: the filters of a list, and the format. */
const toExportQuery = <Query extends PageQuery>(query: Type<Query>): Type<ExportQuery & Omit<Query, keyof PageQuery>> =>
  IntersectionType(
    OmitType(query as Type<PageQuery>, ['limit', 'cursor', 'withTotal'] as const),
    ExportQuery,
  ) as unknown as Type<ExportQuery & Omit<Query, keyof PageQuery>>;

export class ExportAppointments extends OmitType(toExportQuery(AppointmentsQuery), ['expand'] as const) {}
export class ExportClients extends toExportQuery(ClientsQuery) {}
export class ExportWaitlist extends toExportQuery(WaitlistQuery) {}
export class ExportReferrals extends toExportQuery(ReferralsQuery) {}
export class ExportClinics extends IntersectionType(OneClinicQuery, ExportQuery) {}
export class ExportDoctors extends toExportQuery(DoctorsQuery) {}
export class ExportServices extends toExportQuery(ServicesQuery) {}
export class ExportResources extends toExportQuery(ResourcesQuery) {}
export class ExportClosures extends IntersectionType(toExportQuery(ExceptionsQuery), OneClinicQuery) {}
export class ExportUsers extends toExportQuery(UsersQuery) {}
export class ExportApiKeys extends toExportQuery(ApiKeysQuery) {}
export class ExportAuditLogs extends toExportQuery(AuditLogsQuery) {}
export class ExportBreakGlass extends toExportQuery(BreakGlassQuery) {}
export class ExportNotifications extends toExportQuery(LogQuery) {}
