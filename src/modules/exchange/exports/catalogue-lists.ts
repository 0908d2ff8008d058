import { Injectable } from '@nestjs/common';
import { Page, type PageQuery } from '../../../core/http/page.js';
import { ClinicsService } from '../../clinics/index.js';
import { DoctorsService, type DoctorsQuery } from '../../doctors/index.js';
import {
  ClosuresService,
  ResourcesService,
  ServicesService,
  type ExceptionsQuery,
  type ResourcesQuery,
  type ServicesQuery,
} from '../../scheduling/index.js';
import { days, instants, LOCAL_ZONE, values } from './columns.js';
import type { ExportedList } from './exported-list.js';

/** The lists of what a clinic has and offers. */
@Injectable()
export class CatalogueLists {
  constructor(
    private readonly clinicsService: ClinicsService,
    private readonly doctorsService: DoctorsService,
    private readonly servicesService: ServicesService,
    private readonly resourcesService: ResourcesService,
    private readonly closuresService: ClosuresService,
  ) {}

  readonly clinics: ExportedList<PageQuery> = {
    name: 'clinics',
    objectType: 'clinic',
    byClinic: true,
    columns: [
      ...values('id', 'name', 'timeZone', 'phone', 'address', 'emergencyNumber', 'country', 'locale', 'policy'),
      ...instants('createdAt', 'updatedAt'),
      ...values('version'),
    ],
    read: async (actor, { clinicId = '', limit }) =>
      new Page([await this.clinicsService.getFor(actor, clinicId)], limit, null),
  };

  readonly doctors: ExportedList<DoctorsQuery> = {
    name: 'doctors',
    objectType: 'doctor',
    byClinic: true,
    columns: [
      ...values('id', 'clinicId', 'userId', 'resourceId', 'title', 'firstName', 'lastName', 'speciality', 'bio'),
      ...values('languages', 'serviceIds', 'photoUrl', 'isActive', 'version'),
    ],
    read: (actor, query) => this.doctorsService.list(actor, query),
  };

  readonly services: ExportedList<ServicesQuery> = {
    name: 'services',
    objectType: 'service',
    byClinic: true,
    columns: [
      ...values(
        'id',
        'clinicId',
        'name',
        'description',
        'durationMinutes',
        'bufferBeforeMinutes',
        'bufferAfterMinutes',
      ),
      ...values('price.amount', 'price.currency', 'mode', 'capacity', 'doctorIds', 'requiredResourceKinds'),
      ...values(
        'isDefault',
        'isActive',
        'requiresReferral',
        'reviewAfterMonths',
        'reviewServiceId',
        'policy',
        'version',
      ),
    ],
    read: (actor, query) => this.servicesService.list(actor, query),
  };

  readonly resources: ExportedList<ResourcesQuery> = {
    name: 'resources',
    objectType: 'resource',
    byClinic: true,
    columns: values('id', 'clinicId', 'kind', 'name', 'isActive', 'version'),
    read: (actor, query) => this.resourcesService.list(actor, query),
  };

  readonly closures: ExportedList<ExceptionsQuery> = {
    name: 'closures',
    objectType: 'clinic',
    byClinic: true,
    columns: [...values('id', 'clinicId'), ...days('from', 'to'), ...values('start', 'end', 'reason'), LOCAL_ZONE],
    read: async (_actor, { clinicId = '', ...query }) =>
      (await this.closuresService.list(clinicId, query)).map((closure) => ({ ...closure, clinicId })),
  };
}
