import type { QueryConfig } from 'pg';

export interface Statement {
  text: string;
  values: readonly unknown[];
}

/** Prepared statements: the same text has the same name on every connection. Texts must be constants of the code. */
export class Statements {
  private readonly names = new Map<string, string>();
  private readonly merged = new Map<string, string>();

  prepared({ text, values }: Statement): QueryConfig {
    let name = this.names.get(text);
    if (!name) this.names.set(text, (name = `careslot_${this.names.size + 1}`));
    return { name, text, values: values as unknown[] };
  }

  /**
   * Independent writes as few statements: each statement costs as much again in messages as these do in work. A text
   * that is there twice (two events) begins the next statement, so that their order stays.
   */
  together(writes: readonly Statement[]): QueryConfig[] {
    const groups: Statement[][] = [];
    for (const write of writes) {
      const group = groups.at(-1);
      if (group?.every(({ text }) => text !== write.text)) group.push(write);
      else groups.push([write]);
    }
    return groups.map((group) => this.prepared(this.asOne(group)));
  }

  private asOne(group: Statement[]): Statement {
    const key = group.map(({ text }) => text).join(';');
    let text = this.merged.get(key);
    if (!text) this.merged.set(key, (text = merge(group)));
    return { text, values: group.flatMap(({ values }) => values) };
  }
}

/** `WITH write_0 AS (…), write_1 AS (…) …`, the parameters numbered through. */
function merge(group: Statement[]): string {
  let before = 0;
  const texts = group.map(({ text, values }) => {
    const first = before;
    before += values.length;
    return text.replace(/\$(\d+)/g, (_, number: string) => `$${Number(number) + first}`);
  });
  const last = texts.pop() ?? '';
  return texts.length === 0 ? last : `WITH ${texts.map((text, n) => `write_${n} AS (${text})`).join(', ')} ${last}`;
}
