import { eventStream } from '../../core/http/event-stream.js';
import type { StreamReply } from '../../core/http/careslot-adapter.js';
import { DomainError } from '../../core/kernel/domain-error.js';
import { Pieces } from './pieces.js';
import type { Turn } from './turn.js';

/**
 * The answer as server-sent events: `start`, `delta` for each piece of text, `reset` where what came so far does not
 * stand, at last `done` with the whole answer, or `error`.
 */
export const streamOf = (turn: Turn, heartbeatMilliseconds: number): StreamReply =>
  eventStream(async (send, gone) => {
    let sent = 0;
    const say = (event: string, data: object): Promise<void> => send({ event, id: String((sent += 1)), data });
    const { conversationId, messageId } = turn;
    await say('start', { conversationId, messageId });
    const pieces = new Pieces((text) => say('delta', { text }));
    const onReset = (): Promise<void> => {
      pieces.drop();
      return say('reset', {});
    };
    try {
      const answer = await turn.answer({ signal: gone, onText: (text) => pieces.add(text), onReset });
      await pieces.flush();
      await say('done', answer);
    } catch (error) {
      pieces.drop();
      await say('error', failureOf(error));
    }
  }, heartbeatMilliseconds);

const failureOf = (error: unknown): { code: string; message: string } =>
  error instanceof DomainError
    ? { code: error.code, message: error.message }
    : { code: 'INTERNAL_ERROR', message: 'Something went wrong; ask again.' };
