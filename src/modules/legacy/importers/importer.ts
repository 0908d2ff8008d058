import { Injectable } from '@nestjs/common';
import { plainToInstance, type ClassConstructor } from 'class-transformer';
import { validate } from 'class-validator';
import { fieldErrors } from '../../../core/http/validation.js';
import { invalid } from '../../../core/kernel/domain-error.js';
import type { ItemKind, LegacyItems } from '../legacy-data.js';
import type { MigrationRun } from '../migration-run.js';

/** The visit that has the time of one that cannot be booked. */
export interface Collision {
  appointmentId: string | null;
  startDateTime: Date;
}

export type Imported = { id: string } | { collidesWith: Collision };

/** Writes the items of one kind, in the current transaction. Throws a DomainError for an item that cannot be migrated. */
export interface Importer<Kind extends ItemKind> {
  /** Called before each item is migrated, also for those that do not change. */
  onItem?(item: LegacyItems[Kind], run: MigrationRun): void;
  create(item: LegacyItems[Kind], run: MigrationRun): Promise<Imported>;
  /** Changes what an earlier run created. @returns null if there is nothing that a later run changes */
  update(item: LegacyItems[Kind], targetId: string, run: MigrationRun): Promise<Imported | null>;
}

/** The importers by kind; each registers itself. */
@Injectable()
export class Importers {
  private readonly byKind = new Map<ItemKind, Importer<ItemKind>>();

  register<Kind extends ItemKind>(kind: Kind, importer: Importer<Kind>): void {
    this.byKind.set(kind, importer);
  }

  get(kind: ItemKind): Importer<ItemKind> {
    const importer = this.byKind.get(kind);
    if (!importer) throw new Error(`no importer of ${kind}`);
    return importer;
  }
}

/** Checks values by the rules of a request. @throws DomainError VALIDATION_ERROR */
export async function toRequest<T extends object>(type: ClassConstructor<T>, values: object): Promise<T> {
  const request = plainToInstance(type, values, { exposeDefaultValues: true });
  const errors = await validate(request, { whitelist: true, forbidNonWhitelisted: true });
  if (errors.length > 0) throw invalid(...fieldErrors(errors));
  return request;
}
