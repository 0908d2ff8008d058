import { Injectable, RequestMethod, type OnModuleInit } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { isUnversioned } from './bare.js';
import { hasOperation, getOperation } from './operation.js';
import type { OperationOptions } from './operation-options.js';

interface Route {
  method: string;
  path: string;
  handler: string;
  operation: OperationOptions;
}

/**
 * Lists the routes of all controllers. The process does not start if a route has no @Operation and so no permission, or if
 * `bare` does not agree with its path: the error filter distinguishes bare routes only by their paths.
 */
@Injectable()
export class RouteCheck implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  onModuleInit(): void {
    const wrong = this.routes().find(({ path, operation }) => isUnversioned(path) !== (operation.bare === true));
    if (wrong) throw new Error(`${wrong.handler}: the routes of /api without a version, and no others, are bare`);
  }

  /** Every route of the running application. */
  routes(): Route[] {
    return this.discovery.getControllers().flatMap(({ metatype, instance }) => {
      if (!metatype || !instance) return [];
      const prototype = Object.getPrototypeOf(instance) as Record<string, object>;
      const bases = [(Reflect.getMetadata(PATH_METADATA, metatype) ?? '') as string | string[]].flat();
      return this.scanner.getAllMethodNames(prototype).flatMap((name) => {
        const handler = prototype[name];
        const method = handler && (Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined);
        if (!handler || method === undefined) return [];
        if (!hasOperation(handler)) throw new Error(`${metatype.name}.${name} declares no permission (@Operation)`);
        const paths = [Reflect.getMetadata(PATH_METADATA, handler) as string | string[]].flat();
        return bases.flatMap((base) =>
          paths.map((path) => ({
            method: RequestMethod[method],
            path: `/${base}/${path}`.replace(/\/+/g, '/').replace(/(.)\/$/, '$1'),
            handler: `${metatype.name}.${name}`,
            operation: getOperation(handler),
          })),
        );
      });
    });
  }
}
