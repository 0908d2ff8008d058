import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { CsvError, parse, type Info, type Parser } from 'csv-parse';
import iconv from 'iconv-lite';
import { guessSeparator } from './csv-separator.js';
import { MAX_COLUMNS, type TableRow } from './table.js';
import { guessEncoding, readHead, type TextEncoding } from './text-encoding.js';
import { unreadable } from './unreadable.js';

const SAMPLE_BYTES = 64 * 1024;
const MAX_RECORD_CHARACTERS = 1_000_000;
const BYTE_ORDER_MARK = /^\uFEFF/;

interface CsvRecord {
  record: string[];
  info: Info;
}

/**
 * Reads a file of separated values: RFC 4180, with the separators and encodings of spreadsheet programs. Lines without any value have a number
 * but are left out.
 * @throws DomainError VALIDATION_ERROR
 */
export async function* readCsv(path: string): AsyncGenerator<TableRow, void> {
  const encoding = await guessEncoding(path);
  const head = await readText(path, encoding);
  const { separator, skippedCharacters } = guessSeparator(head);
  const parser = createParser(separator, skippedCharacters > 0 ? 2 : 1);
  pipeline(createReadStream(path), iconv.decodeStream(encoding), parser, () => undefined);
  try {
    for await (const { record, info } of parser as AsyncIterable<CsvRecord>) {
      // A line that names the separator is not a row for spreadsheet programs.
      const number = info.records + info.empty_lines;
      if (record.length > MAX_COLUMNS) throw unreadable(`has more than ${MAX_COLUMNS} columns in row ${number}`);
      if (record.some((text) => text !== '')) yield { number, cells: record.map((text) => text || null) };
    }
  } catch (error) {
    throw error instanceof CsvError ? toUnreadable(error) : error;
  } finally {
    parser.destroy();
  }
}

const createParser = (delimiter: string, fromLine: number): Parser =>
  parse({
    delimiter,
    from_line: fromLine,
    bom: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: MAX_RECORD_CHARACTERS,
  });

/** The beginning of the file as text. */
async function readText(path: string, encoding: TextEncoding): Promise<string> {
  const head = await readHead(path, SAMPLE_BYTES);
  const text = iconv.decode(head, encoding).replace(BYTE_ORDER_MARK, '');
  if (text.includes('\0')) throw unreadable('is not a table. Send a csv or xlsx file.');
  return text;
}

function toUnreadable({ code, lines }: CsvError & { lines?: number }): Error {
  if (code === 'CSV_MAX_RECORD_SIZE') return unreadable(`has a very long row that ends after line ${lines}`);
  return unreadable(`has a quotation mark without its counterpart, at or before line ${lines}`);
}
