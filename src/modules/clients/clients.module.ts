import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { UsersModule } from '../users/index.js';
import { ClientsController } from './clients.controller.js';
import { ClientsRepository } from './clients.repository.js';
import { ClientsService } from './clients.service.js';
import { RegistrationService } from './registration.service.js';
import { Client } from './client.entity.js';
import { ClientClinic } from './client-clinic.entity.js';

@Module({
  imports: [TypeOrmModule.forFeature([Client, ClientClinic]), UsersModule],
  controllers: [ClientsController],
  providers: [ClientsService, RegistrationService, ClientsRepository],
  exports: [ClientsService],
})
export class ClientsModule {}
