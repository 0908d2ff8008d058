import type { EntitySubscriberInterface } from 'typeorm';
import { currentContext } from '../context/request-context.js';
import { getTracer, toFailure, type SpanAttributes, type TraceSpan } from '../tracing/tracing.js';

/** Starts the span of a statement. Only its verb and its table are recorded, never its text or its values. @returns null without a trace */
function startStatementSpan({ text, name }: { text: string; name?: string | undefined }): TraceSpan | null {
  const tracer = getTracer();
  if (!tracer) return null;
  const { span: parent } = currentContext();
  if (!parent) return null;
  const { title, attributes } = describeStatement(text);
  const named = name === undefined ? attributes : { ...attributes, 'careslot.statement': name };
  return tracer.start(title, { kind: 'CLIENT', attributes: named, parent });
}

/** Runs a statement within its span, if there is a trace. */
export async function traceStatement<T>(
  statement: { text: string; name?: string | undefined },
  run: () => Promise<T>,
): Promise<T> {
  const span = startStatementSpan(statement);
  if (!span) return run();
  try {
    const result = await run();
    span.end();
    return result;
  } catch (error) {
    span.end(toFailure(error));
    throw error;
  }
}

type AfterQuery = Parameters<NonNullable<EntitySubscriberInterface['afterQuery']>>[0];

/** Creates the spans of the statements of TypeORM's repositories; `Database` creates those of prepared statements. */
export class StatementSpans implements EntitySubscriberInterface {
  afterQuery({ query, executionTime = 0, success, error }: AfterQuery): void {
    const tracer = getTracer();
    const { span: parent } = currentContext();
    if (!tracer || !parent) return;
    const { title, attributes } = describeStatement(query);
    // TypeORM measures, so the start is known only now. A failed statement has no time.
    const startedAt = Date.now() - executionTime;
    tracer.start(title, { kind: 'CLIENT', attributes, parent, startedAt }).end(success ? undefined : toFailure(error));
  }
}

interface Description {
  title: string;
  attributes: SpanAttributes;
}

/** Texts of prepared statements are constants; those of TypeORM are few. Beyond this number, they are described each time. */
const MAX_DESCRIBED = 5_000;
const described = new Map<string, Description>();

/** The verb and the table of a statement. */
export function describeStatement(text: string): Description {
  let description = described.get(text);
  if (!description) {
    description = parse(text);
    if (described.size < MAX_DESCRIBED) described.set(text, description);
  }
  return description;
}

/** The operations that name a span. A statement with several of them, such as a WITH, is named by the first of this list. */
const PARTS: readonly [operation: string, pattern: RegExp][] = [
  ['INSERT', /\bINSERT\s+INTO\s+"?([a-z_]{1,63})\b/i],
  ['UPDATE', /\bUPDATE\s+"?([a-z_]{1,63})\b"?\s+(?:(?:AS\s+)?"?\w+"?\s+)?SET\b/i],
  ['DELETE', /\bDELETE\s+FROM\s+"?([a-z_]{1,63})\b/i],
  // Not a function, such as unnest(…).
  ['SELECT', /\bFROM\s+"?([a-z_]{1,63})\b"?(?!\s*\()/i],
];

function parse(text: string): Description {
  const code = text.replace(/'(?:[^']|'')*'/g, "''").replace(/--.*$/gm, '');
  const first = /^\s*([a-z]{1,20})\b/i.exec(code)?.[1]?.toUpperCase() ?? 'QUERY';
  for (const [operation, pattern] of PARTS) {
    const table = pattern.exec(code)?.[1];
    if (table !== undefined) return toDescription(operation, table);
  }
  return toDescription(first === 'WITH' ? 'SELECT' : first);
}

const toDescription = (operation: string, table?: string): Description => ({
  title: table === undefined ? operation : `${operation} ${table}`,
  attributes: {
    'db.system.name': 'postgresql',
    'db.operation.name': operation,
    ...(table !== undefined && { 'db.collection.name': table }),
  },
});
