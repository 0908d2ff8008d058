import { Injectable } from '@nestjs/common';
import { ImportKeysRepository } from './import-keys.repository.js';
import type { ImportKind } from './import-kinds.js';
import type { SeenKeys } from './seen-keys.js';
import type { RowError, RowOutcome } from './importers/importer.js';

/** The record of a row, or why it has none. */
export type RecordOutcome = { id: string; isNew: boolean } | { errors: RowError[] };

interface KnownOptions {
  /** Of a dry run, whose own keys are rolled back; null in an import. */
  seenKeys: SeenKeys | null;
  /** The records that were not deleted. Default: all. */
  existing?: ReadonlySet<string>;
}

/** Leaves out rows that were imported before, so that the same file changes nothing. */
@Injectable()
export class KnownRows {
  constructor(private readonly keys: ImportKeysRepository) {}

  toKey(clinicId: string, kind: ImportKind, parts: readonly (string | null | undefined)[]): Promise<Buffer> {
    return this.keys.compute(clinicId, kind, parts);
  }

  /**
   * Imports the rows whose key is new.
   * @param keys of the rows, in their order
   * @param importRows imports the rows at these indexes, and returns an outcome for each
   */
  async importNew(
    keys: readonly Buffer[],
    { seenKeys, existing }: KnownOptions,
    importRows: (indexes: readonly number[]) => Promise<RecordOutcome[]>,
  ): Promise<RowOutcome[]> {
    const names = keys.map((key) => key.toString('base64'));
    const found = [...(await this.keys.find(keys))].filter(([, id]) => existing?.has(id) !== false);
    const known = new Set([...found.map(([name]) => name), ...names.filter((name) => seenKeys?.has(name))]);
    const outcomes: RowOutcome[] = names.map(() => 'UNCHANGED');
    // A key can be repeated: the second row is only tried if the first one failed.
    let open = names.flatMap((name, index) => (known.has(name) ? [] : [index]));
    while (open.length > 0) {
      const firsts = open.filter((index) => open.find((other) => names[other] === names[index]) === index);
      const results = await importRows(firsts);
      const saved: { key: Buffer; recordId: string }[] = [];
      for (const [at, index] of firsts.entries()) {
        const [result, key, name] = [results[at], keys[index], names[index]];
        if (!result || !key || name === undefined) continue;
        outcomes[index] = 'id' in result ? (result.isNew ? 'CREATED' : 'UNCHANGED') : result;
        if (!('id' in result)) continue;
        known.add(name);
        seenKeys?.add(name);
        saved.push({ key, recordId: result.id });
      }
      await this.keys.save(saved);
      open = open.filter((index) => !firsts.includes(index) && !known.has(names[index] ?? ''));
    }
    return outcomes;
  }
}
