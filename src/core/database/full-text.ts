/** SQL for a tsquery that matches each word of the parameter as a prefix. Normalises like the search columns. A text without words matches nothing. */
export const prefixQuery = (parameter: string): string =>
  `SELECT string_agg(quote_literal(lexeme) || ':*', ' & ')::tsquery FROM unnest(to_tsvector('simple', search_fold(${parameter})))`;
