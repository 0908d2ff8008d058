const MAX_WIDTH = 160;

/** Formats JSON with each small object or array on one line, so that the file is short and diffs stay readable. */
export function compactJson(value: unknown): string {
  return `${format(value, 0)}\n`;
}

function format(value: unknown, depth: number): string {
  const inline = JSON.stringify(value);
  if (typeof value !== 'object' || value === null || inline.length + depth <= MAX_WIDTH) return inline;
  const indent = ' '.repeat(depth + 1);
  const parts = Array.isArray(value)
    ? value.map((item) => format(item, depth + 1))
    : Object.entries(value)
        .filter(([, child]) => child !== undefined)
        .map(([key, child]) => `${JSON.stringify(key)}: ${format(child, depth + 1)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${parts.map((part) => indent + part).join(',\n')}\n${' '.repeat(depth)}${close}`;
}
