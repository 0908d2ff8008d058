import { isUnreachable } from './database-errors.js';

const MAX_BATCH_SIZE = 16;
/** The maximum number of statements at the same time. More would not be faster. */
const MAX_STATEMENTS = 2;

interface PendingQuery<Query, Answer> {
  query: Query;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

/**
 * Combines reads of one kind: queries that arrive while two statements are running are sent together in the next statement.
 * There is no timer: a query waits only while two statements are running. Under load, this is faster because a round trip
 * costs more than most reads by key.
 */
export class ReadBatches<Query, Answer> {
  private pending: PendingQuery<Query, Answer>[] = [];
  private statements = 0;

  /** @param read answers all queries with one statement, in their order */
  constructor(private readonly read: (queries: readonly Query[]) => Promise<Answer[]>) {}

  find(query: Query): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.pending.push({ query, resolve, reject });
      this.startStatements();
    });
  }

  private startStatements(): void {
    while (this.statements < MAX_STATEMENTS && this.pending.length > 0) {
      void this.run(this.pending.splice(0, MAX_BATCH_SIZE));
    }
  }

  private async run(batch: PendingQuery<Query, Answer>[]): Promise<void> {
    this.statements += 1;
    try {
      await this.answer(batch);
    } catch (error) {
      // One query may be the cause of the failure of all: run each of them alone.
      if (batch.length > 1) await this.answerOneByOne(batch);
      else rejectAll(batch, error);
    } finally {
      this.statements -= 1;
      this.startStatements();
    }
  }

  private async answer(batch: PendingQuery<Query, Answer>[]): Promise<void> {
    const answers = await this.read(batch.map(({ query }) => query));
    for (const [index, { resolve }] of batch.entries()) resolve(answers[index] as Answer);
  }

  /** Never throws. If PostgreSQL cannot be reached, the remaining queries fail without a statement. */
  private async answerOneByOne(batch: PendingQuery<Query, Answer>[]): Promise<void> {
    for (const [index, query] of batch.entries()) {
      try {
        await this.answer([query]);
      } catch (error) {
        if (isUnreachable(error)) return rejectAll(batch.slice(index), error);
        query.reject(error);
      }
    }
  }
}

function rejectAll(queries: readonly Pick<PendingQuery<never, never>, 'reject'>[], error: unknown): void {
  for (const { reject } of queries) reject(error);
}
