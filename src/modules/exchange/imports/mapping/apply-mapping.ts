import { invalid, type FieldError } from '../../../../core/kernel/domain-error.js';
import type { ImportLayout } from '../import-layout.js';
import { IMPORT_FIELDS, type ImportKind } from '../import-kinds.js';
import type { ImportMapping } from '../imports.dto.js';

/** The layout with the changes of a request. @throws DomainError VALIDATION_ERROR */
export function applyMapping(kind: ImportKind, layout: ImportLayout, mapping: ImportMapping): ImportLayout {
  const { columns = {}, dateFormat = layout.dateFormat, currency = layout.currency } = mapping;
  const names = IMPORT_FIELDS[kind].map(({ name }) => name);
  const requested = new Map(Object.entries(columns));
  const errors: FieldError[] = [];
  for (const [header, field] of requested) {
    if (!layout.columns.some((column) => column.header === header))
      errors.push({
        field: 'mapping.columns',
        error: `has a column that the file does not have: ${header.slice(0, 100)}`,
      });
    else if (field !== null && !names.includes(field))
      errors.push({ field: 'mapping.columns', error: `must name fields of ${kind}: ${names.join(', ')}` });
  }
  if (errors.length > 0) throw invalid(...errors);
  const chosen = new Set(requested.values());
  const next = layout.columns.map(({ header, field }) => {
    const own = requested.get(header);
    if (own !== undefined) return { header, field: own };
    // A field that another column gets now.
    return { header, field: field !== null && chosen.has(field) ? null : field };
  });
  assertOnce(next.flatMap(({ field }) => field ?? []));
  const ambiguous = layout.ambiguous.filter((field) => !chosen.has(field));
  return { ...layout, columns: next, ambiguous, dateFormat, currency };
}

function assertOnce(fields: readonly string[]): void {
  const repeated = fields.find((field, index) => fields.indexOf(field) !== index);
  if (repeated !== undefined) throw invalid({ field: 'mapping.columns', error: `must have ${repeated} once` });
}
