import type { ImportLayout } from '../import-layout.js';
import { IMPORT_FIELDS, type ImportKind } from '../import-kinds.js';
import type { ImportAnalysis } from '../import.entity.js';
import type { MappedColumn } from './row-reader.js';

/** The mapped columns with their fields. @param analysis null before the file was read */
export function getMappedColumns(
  kind: ImportKind,
  { columns, dateFormat }: ImportLayout,
  analysis: ImportAnalysis | null,
): MappedColumn[] {
  return columns.flatMap((column, index) => {
    const field = IMPORT_FIELDS[kind].find(({ name }) => name === column.field);
    if (!field) return [];
    const order = dateFormat ?? analysis?.orders[field.name] ?? 'UNKNOWN';
    return [{ index, field, order, decimalMark: analysis?.decimalMarks?.[field.name] ?? null }];
  });
}
