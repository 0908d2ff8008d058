import { Injectable } from '@nestjs/common';
import type { ImportKind } from '../import-kinds.js';
import { ClientImporter } from './client-importer.js';
import type { Importer } from './importer.js';

/** The importers by kind. */
@Injectable()
export class Importers {
  private readonly byKind: Readonly<Partial<Record<ImportKind, Importer<unknown>>>>;

  constructor(clients: ClientImporter) {
    this.byKind = { clients };
  }

  get(kind: ImportKind): Importer<unknown> {
    return this.byKind[kind] as Importer<unknown>;
  }
}
