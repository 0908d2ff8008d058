import type { Readable } from 'node:stream';
import { TextDecoder } from 'node:util';
import { SaxesParser } from 'saxes';
import { DomainError } from '../../kernel/domain-error.js';
import { damaged, unreadable } from './unreadable.js';

/** A text, a tag or a comment that is longer is refused: the parser would keep it in memory. */
const MAX_UNFINISHED_CHARACTERS = 1_000_000;
const MAX_DEPTH = 100;

export interface XmlHandler {
  /** @param name without a namespace prefix */
  open?(name: string, attributes: Readonly<Record<string, string>>): void;
  text?(text: string): void;
  close?(name: string): void;
}

/**
 * Reads XML chunk by chunk. After each chunk it yields, so that the caller can use what the handler has collected.
 * @throws DomainError VALIDATION_ERROR for XML that is not well-formed, and for document types and their entities
 */
export async function* readXml(stream: Readable, handler: XmlHandler): AsyncGenerator<undefined, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let unfinished = 0;
  const parser = createParser(handler, () => {
    unfinished = 0;
  });
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const text = decoder.decode(chunk, { stream: true });
      unfinished += text.length;
      parser.write(text);
      if (unfinished > MAX_UNFINISHED_CHARACTERS) throw unreadable('has a text that is too long');
      yield;
    }
    parser.write(decoder.decode()).close();
    yield;
  } catch (error) {
    throw error instanceof DomainError ? error : damaged();
  } finally {
    stream.destroy();
  }
}

/** Reads XML to its end. */
export async function parseXml(stream: Readable, handler: XmlHandler): Promise<void> {
  const chunks = readXml(stream, handler);
  while (!(await chunks.next()).done);
}

/** @param onPart called when the parser has finished a part of the document, and keeps nothing of it */
function createParser(handler: XmlHandler, onPart: () => void): SaxesParser {
  const parser = new SaxesParser();
  let depth = 0;
  parser.on('doctype', () => {
    throw unreadable('has a document type, which spreadsheets do not have');
  });
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('comment', onPart);
  parser.on('processinginstruction', onPart);
  parser.on('opentag', ({ name, attributes }) => {
    onPart();
    depth += 1;
    if (depth > MAX_DEPTH) throw damaged();
    handler.open?.(localName(name), attributes);
  });
  const onText = (text: string): void => {
    onPart();
    handler.text?.(text);
  };
  parser.on('text', onText);
  parser.on('cdata', onText);
  parser.on('closetag', ({ name }) => {
    onPart();
    depth -= 1;
    handler.close?.(localName(name));
  });
  return parser;
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

/** An attribute whose prefix the file chooses, such as `r:id`. */
export const prefixed = (attributes: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.entries(attributes).find(([key]) => key.endsWith(`:${name}`))?.[1];
