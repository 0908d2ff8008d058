import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { OutboxBatchService } from './outbox-batch.service.js';
import { OutboxConsumers } from './outbox-consumers.js';
import { OutboxController } from './outbox.controller.js';
import { OutboxMaintenance } from './outbox-maintenance.js';
import { OutboxPublisher } from './outbox-publisher.js';
import { OutboxRelay } from './outbox-relay.js';
import { OutboxRepository } from './outbox.repository.js';
import { OutboxSignal } from '../changes/outbox-signal.js';
import { ParkedEventsService } from './parked-events.service.js';
import { RELAY_DATABASE } from './relay-database.js';
import { RelayRepository } from './relay.repository.js';
import { OutboxEntry } from './outbox-entry.entity.js';
import { OutboxRelayState } from './outbox-relay-state.entity.js';

@Global()
@Module({
  imports: [TypeOrmModule.forFeature([OutboxEntry, OutboxRelayState])],
  controllers: [OutboxController],
  providers: [
    OutboxBatchService,
    OutboxConsumers,
    OutboxMaintenance,
    OutboxPublisher,
    OutboxRelay,
    OutboxRepository,
    OutboxSignal,
    ParkedEventsService,
    RELAY_DATABASE,
    RelayRepository,
  ],
  exports: [OutboxConsumers, OutboxRelay, OutboxRepository, OutboxSignal, OutboxMaintenance],
})
export class OutboxModule {}
