/** Characters that XML cannot contain are written as `_x000D_` (ECMA-376, ST_Xstring). */
const ESCAPED = /_x([0-9A-Fa-f]{4})_/g;

export const fromXlsxText = (text: string): string =>
  text.includes('_x')
    ? text.replace(ESCAPED, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    : text;
