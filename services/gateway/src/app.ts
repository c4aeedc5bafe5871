// The gateway, put together in reading order. Whatever is public is in the list of public services; a service with an address
// of its own is one more line here.

import { publicServices } from '@strait/contracts/public-services'
import { apiPages } from '@strait/service-kit/api-pages'
import { noKeys } from '@strait/service-kit/key-verifier'
import { createCors } from '@strait/service-kit/rpc/cors'
import { createRpcHandler } from '@strait/service-kit/rpc/rpc-handler'
import type { ProcessContext, ProcessParts } from '@strait/service-kit/run-process'
import { tlsOptions } from '@strait/service-kit/shared-settings'
import { createAnswers } from './answers.ts'
import type { Config } from './config.ts'
import { createRouter } from './domain/routes.ts'
import { createDoor } from './door.ts'
import { createEvents } from './events.ts'
import { createUpstream } from './http/upstream.ts'

/** Puts the gateway together; nothing is opened before its door is started. */
export function createApp(config: Config, { log, telemetry }: ProcessContext): ProcessParts {
  const events = createEvents({ meter: telemetry.meter, log })
  const { corsOrigins, connectTimeoutMs: connectWithinMs, pingMs: pingEveryMs } = config

  const behind = (url: string) => createUpstream({ origin: new URL(url), connectWithinMs, pingEveryMs })
  const upstreams = new Map([
    ['catalog', behind(config.catalogUrl)],
    ['dispatcher', behind(config.dispatcherUrl)],
  ])

  // What no service is asked for: the port's own health, the schema of what is behind it, and that a path is not there.
  const here = createRpcHandler({
    services: [],
    behind: publicServices,
    pages: apiPages(),
    serviceTokens: [],
    keys: noKeys,
    trustedProxies: config.trustedProxies,
    corsOrigins,
    ready: () => door.isOpen(),
    log,
    meter: telemetry.meter,
  })

  const tls = tlsOptions(config)
  const door = createDoor({
    host: config.host,
    port: config.port,
    ...(tls && { tls: { ...tls, onRenewed: events.certificateRenewed } }),
    route: createRouter({ services: publicServices, owners: [...upstreams.keys()] }),
    upstreams,
    here,
    answers: createAnswers(createCors(corsOrigins)),
    answerWithinMs: config.answerTimeoutMs,
    // What is left then is cut, while there is still time to say so.
    stopWithinMs: Math.max(500, config.hardStopSecs * 1_000 - 2_000),
    events,
  })
  return { parts: [], door, ready: door.isOpen }
}
