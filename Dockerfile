FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY . .
RUN node scripts/build.ts && npm prune --omit=dev --ignore-scripts

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 DATABASE_URL=sqlite:/data/council.db
WORKDIR /council
COPY --from=build /build/package.json /build/LICENSE /build/NOTICE ./
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/core ./core
COPY --from=build /build/sync-server ./sync-server
COPY --from=build /build/dist/app ./dist/app
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080
# Over TLS the certificate names the public host, not this address: reaching the port is then enough.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
  CMD ["node", "-e", "const t=process.env.TLS_CERT;const s=`http${t?'s':''}://127.0.0.1:${process.env.PORT}/healthz`;import(t?'node:https':'node:http').then(h=>h.get(s,{rejectUnauthorized:false},r=>process.exit(r.statusCode===200?0:1)).on('error',()=>process.exit(1)))"]
CMD ["node", "--max-semi-space-size=4", "sync-server/main.ts"]
