# syntax=docker/dockerfile:1
# One image for the API (default), the worker (dist/src/worker.js), the migrations (dist/src/migrate.js) and the commands of docs/deployment.md.

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY nest-cli.json tsconfig.json tsconfig.build.json ormconfig.ts ./
COPY src src
COPY migrations migrations
COPY tools tools
# Production does not read source maps.
RUN npx nest build && find dist -name '*.map' -delete

FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts
RUN npm sbom --omit=dev --sbom-format=cyclonedx --sbom-type=application --package-lock-only > sbom.cdx.json
COPY deploy/image/prune-modules.sh ./
RUN sh prune-modules.sh node_modules

FROM node:24-bookworm-slim
ARG VERSION=0.0.0-local
ARG REVISION=unknown
LABEL org.opencontainers.image.title="CareSlot" \
  org.opencontainers.image.description="Booking backend for clinics: API, background worker and migrations" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.version="$VERSION" \
  org.opencontainers.image.revision="$REVISION" \
  org.opencontainers.image.base.name="docker.io/library/node:24-bookworm-slim"
ENV NODE_ENV=production STORAGE_DIR=/data/blobs
WORKDIR /app
# Package managers are only attack surface here.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn-* /usr/local/bin/yarn /usr/local/bin/yarnpkg
COPY --from=dependencies /app/node_modules node_modules
COPY --from=dependencies /app/sbom.cdx.json ./
COPY package.json LICENSE ./
COPY --from=build /app/dist/src dist/src
COPY --from=build /app/dist/migrations dist/migrations
COPY --from=build /app/dist/tools/create-admin.js dist/tools/
COPY --from=build /app/dist/ormconfig.js dist/
# A volume that is mounted here takes over its owner. The root file system may be read-only: nothing else is written to.
RUN install -d -o 1000 -g 1000 /data/blobs
VOLUME ["/data/blobs", "/tmp"]
# A number, so that Kubernetes can check that it is not root (runAsNonRoot). It is the user `node` of the base image.
USER 1000:1000
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD node dist/src/health-check.js "${PORT:-3000}"
CMD ["node", "dist/src/main.js"]
