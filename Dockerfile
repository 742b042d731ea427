# The image of Sekisho: its package and production dependencies on a Node without shell or package manager.
# Whoever builds pins both bases by the digest that they looked at (docs/install.md). test/e2e/image.e2e.ts carries these
# instructions out without a builder, and starts what comes of them as this user, with nothing writable.
ARG NODE_IMAGE=docker.io/library/node:24-bookworm-slim
ARG BASE_IMAGE=gcr.io/distroless/nodejs24-debian12:nonroot

FROM ${NODE_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json LICENSE README.md CHANGELOG.md ./
COPY bin bin
COPY src src
COPY policies policies
RUN node_modules/.bin/tsc --project tsconfig.build.json && npm pack --silent
RUN mkdir /app && tar -xzf sekisho-*.tgz --strip-components=1 -C /app && cp package-lock.json /app
WORKDIR /app
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

# Compiled code is kept by Node's version, the path and the user: it is made as it will be used.
FROM ${BASE_IMAGE} AS warm
ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/.compile-cache
WORKDIR /app
COPY --from=build --chown=65532:65532 /app /app
USER 65532:65532
RUN ["/nodejs/bin/node", "--input-type=module", "--eval", "import { globSync } from 'node:fs'; const own = globSync('/app/dist/**/*.js').filter((file) => !file.endsWith('/main.js')); for (const name of [...own, '@kubernetes/client-node']) await import(name)"]
RUN ["/nodejs/bin/node", "/app/bin/sekisho.js", "--version"]

FROM ${BASE_IMAGE}
ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/.compile-cache
WORKDIR /app
COPY --from=warm --chown=0:0 --chmod=0555 /app /app
USER 65532:65532
EXPOSE 8443 8080
ENTRYPOINT ["/nodejs/bin/node", "/app/bin/sekisho.js"]
CMD ["serve", "--config", "/etc/sekisho/configuration/configuration.yaml"]
