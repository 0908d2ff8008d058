export * from '../kernel/actor.js';
