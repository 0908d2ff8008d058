const MAX_BATCH = 16;
/** More would not be quicker: a batch is sent as soon as one of these has ended. */
const MAX_STATEMENTS = 2;

interface Waiting<Query, Answer> {
  query: Query;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

/**
 * Natural batching of one kind of read: queries that arrive while statements are running go out together in the next one. There is
 * no timer, and a query never waits while fewer than two statements are running. A round trip costs Node and PostgreSQL more
 * than most reads by key, so that under load several of them take the time of one.
 */
export class ReadBatches<Query, Answer> {
  private waiting: Waiting<Query, Answer>[] = [];
  private statements = 0;

  /** @param read answers all of the queries, in their order, in one statement */
  constructor(private readonly read: (queries: readonly Query[]) => Promise<Answer[]>) {}

  find(query: Query): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ query, resolve, reject });
      this.startStatements();
    });
  }

  private startStatements(): void {
    while (this.statements < MAX_STATEMENTS && this.waiting.length > 0)
      void this.run(this.waiting.splice(0, MAX_BATCH));
  }

  private async run(batch: Waiting<Query, Answer>[]): Promise<void> {
    this.statements += 1;
    try {
      const answers = await this.read(batch.map(({ query }) => query));
      for (const [index, { resolve }] of batch.entries()) resolve(answers[index] as Answer);
    } catch (error) {
      // One of them, or the connection that they shared, may have failed all.
      if (batch.length > 1) await Promise.all(batch.map((one) => this.run([one])));
      else for (const { reject } of batch) reject(error);
    } finally {
      this.statements -= 1;
      this.startStatements();
    }
  }
}
