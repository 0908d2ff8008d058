import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Clock } from '../kernel/clock.js';
import { LiveSessions } from '../security/live-sessions.js';
import { MfaRequirements } from '../security/mfa-requirements.js';
import { getRooms, sessionRoom } from './rooms.js';
import { SocketServer } from './socket-server.js';
import { endSocket, toRefusal, type CareSlotSocket, type Refusal } from './socket-types.js';

const POLL_MILLISECONDS = 1_000;
/** The maximum number of unsent messages of a slow client. It gets them by `sync` after it reconnects. */
const MAX_UNREAD = 1_000;

const REVOKED: Refusal = { code: 'TOKEN_REVOKED', message: 'This session has ended. Sign in again.' };
const EXPIRED: Refusal = { code: 'TOKEN_EXPIRED', message: 'The access token has expired. Refresh it.' };

/**
 * Closes sockets when their session ends, their token expires or their user must set up a second factor, and updates their rooms
 * when a user's clinics change. Checking all sockets once a second costs less than a timer for each.
 */
@Injectable()
export class SocketSessions implements OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly server: SocketServer,
    private readonly sessions: LiveSessions,
    private readonly clock: Clock,
    private readonly mfa: MfaRequirements,
  ) {}

  start(): void {
    this.sessions.onEnded((ids) => ids.forEach((id) => this.end(id)));
    this.mfa.onPolicyChanged(() => this.check());
    this.timer = setInterval(() => this.check(), POLL_MILLISECONDS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private end(sessionId: string): void {
    const { rooms } = this.server.io.sockets.adapter;
    for (const id of [...(rooms.get(sessionRoom(sessionId)) ?? [])]) {
      const socket = this.server.io.sockets.sockets.get(id);
      if (socket) endSocket(socket, REVOKED);
    }
  }

  private check(): void {
    const now = this.clock.now();
    for (const socket of this.server.io.sockets.sockets.values()) {
      const { actor, expiresAt } = socket.data;
      if (expiresAt <= now) endSocket(socket, EXPIRED);
      else if (this.sessions.hasEnded(actor.sessionId)) endSocket(socket, REVOKED);
      else this.update(socket);
    }
  }

  private update(socket: CareSlotSocket): void {
    const { actor } = socket.data;
    const clinicIds = actor.apiKey
      ? this.sessions.getKeyClinics(actor.userId)
      : this.sessions.getChangedClinics(actor.userId);
    if (clinicIds && clinicIds !== actor.clinicIds) this.rejoin(socket, clinicIds);
    if (this.mfa.isMissing(socket.data.actor, socket.data.hadFactor)) {
      return endSocket(socket, toRefusal(this.mfa.refusal()));
    }
    const unread = (socket.conn as unknown as { writeBuffer: unknown[] }).writeBuffer.length;
    if (unread > MAX_UNREAD) socket.conn.close(true);
  }

  private rejoin(socket: CareSlotSocket, clinicIds: readonly string[]): void {
    const before = getRooms(socket.data.actor);
    socket.data.actor = { ...socket.data.actor, clinicIds };
    const after = getRooms(socket.data.actor);
    if (!socket.data.isLive) return;
    for (const room of before) if (!after.includes(room)) void socket.leave(room);
    void socket.join(after);
  }
}
