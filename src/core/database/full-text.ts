/** A tsquery of every word as a prefix, folded like the search columns; a text without a word finds nothing. */
export const prefixQuery = (parameter: string): string =>
  `SELECT string_agg(quote_literal(lexeme) || ':*', ' & ')::tsquery FROM unnest(to_tsvector('simple', search_fold(${parameter})))`;
