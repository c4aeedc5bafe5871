// The gateway, put together in reading order. Whatever is public is in the list of public services; a service with an address
// of its own is one more line here.

import { publicServices } from '@strait/contracts/public-services'
import { Refusal } from '@strait/service-kit/refusal'
import type { Request, Response } from '@strait/service-kit/rpc/http-types'
import type { ProcessContext, ProcessParts } from '@strait/service-kit/run-process'
import { refuse } from './answers.ts'
import type { Config } from './config.ts'
import { createRouter } from './domain/routes.ts'
import { createDoor } from './door.ts'
import { createEvents } from './events.ts'
import { createUpstream } from './http/upstream.ts'
import type { Pages } from './pages.ts'

/** What the gateway serves by itself. */
export interface Own {
  readonly pages: Pages
  /** Health and reflection of the port. Default: there are none. */
  readonly itself?: (request: Request, response: Response) => void
}

/** Puts the gateway together; nothing is opened before its door is started. */
export function createApp(
  config: Config,
  { log, telemetry }: ProcessContext,
  { pages, itself = notHere }: Own,
): ProcessParts {
  const { connectTimeoutMs: connectWithinMs, pingMs: pingEveryMs } = config
  const behind = (url: string) => createUpstream({ origin: new URL(url), connectWithinMs, pingEveryMs })
  const upstreams = new Map([
    ['catalog', behind(config.catalogUrl)],
    ['dispatcher', behind(config.dispatcherUrl)],
  ])
  const door = createDoor({
    host: config.host,
    port: config.port,
    route: createRouter({
      services: publicServices,
      owners: [...upstreams.keys()],
      pages: Object.keys(pages),
    }),
    upstreams,
    pages,
    itself,
    answerWithinMs: config.answerTimeoutMs,
    // What is left then is cut, while there is still time to say so.
    stopWithinMs: Math.max(500, config.hardStopSecs * 1_000 - 2_000),
    events: createEvents({ meter: telemetry.meter, log }),
  })
  return { parts: [], door, ready: door.isOpen }
}

function notHere(request: Request, response: Response): void {
  refuse(request, response, new Refusal('NOT_IMPLEMENTED', 'there is no such method'), 404)
}
