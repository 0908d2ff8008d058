import type { ServerEvent } from '../../core/http/event-stream.js';
import { DomainError } from '../../core/kernel/domain-error.js';
import type { ChatEvent, ChatReply } from './chat-reply.js';
import { DeltaBuffer } from './delta-buffer.js';

/**
 * Converts a reply to server-sent events: `start`, `delta` for each piece of text, `reset` if the text so far is withdrawn,
 * and at the end `done` with the whole answer, or `error`.
 */
export async function* serverEvents(reply: ChatReply, clientGone: AbortSignal): AsyncGenerator<ServerEvent, void> {
  const { conversationId, messageId } = reply;
  yield { event: 'start', data: { conversationId, messageId } };
  try {
    for await (const event of new DeltaBuffer(reply.events(clientGone))) yield toServerEvent(event);
  } catch (error) {
    yield { event: 'error', data: toErrorData(error) };
  }
}

function toServerEvent(event: ChatEvent): ServerEvent {
  if (event.type === 'done') return { event: 'done', data: event.answer };
  return { event: event.type, data: event.type === 'delta' ? { text: event.text } : {} };
}

const toErrorData = (error: unknown): { code: string; message: string } =>
  error instanceof DomainError
    ? { code: error.code, message: error.message }
    : { code: 'INTERNAL_ERROR', message: 'Something went wrong on our side. Ask again.' };
