/** Writes the message of the error that ends a command to stderr. */
export const printError = (error: unknown): void =>
  void process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
