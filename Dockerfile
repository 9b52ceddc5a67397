# Two stages: the bundle is made with everything that makes it, and the image holds nothing else; it needs no node_modules.
# test/production-image.test.ts performs these steps in an empty folder and starts the result.

FROM node:26-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/build.ts ./scripts/build.ts
COPY scripts/bundle-options.ts ./scripts/bundle-options.ts
COPY src ./src
RUN npm run build

FROM node:26-slim
WORKDIR /app
COPY package.json LICENSE ./
COPY charts/remora/files/profile ./charts/remora/files/profile
COPY --from=build /build/dist ./dist
ENV NODE_ENV=production
# Probes and the API server come from outside; the root file system may be read-only but for /tmp.
ENV REMORA_HOST=0.0.0.0
ENV REMORA_CERT_DIR=/tmp/remora-certs
# A number, so that runAsNonRoot can be checked without a look into /etc/passwd.
USER 1000:1000
EXPOSE 9443 9090
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.REMORA_METRICS_PORT || 9090) + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# A young generation of 8 MiB halves keeps the resident memory lower under load, at no cost that shows (figures: bench/README.md).
# The heap may take 65 % of the container's memory, where V8's own limit is half: the rest is for code, buffers and the young generation.
# Every option here is on the list of test/entrypoint-options.test.ts, with the reason why it cannot change what is computed.
ENTRYPOINT ["node", "--max-semi-space-size=8", "--max-old-space-size-percentage=65", "dist/main.js"]
CMD ["serve"]
