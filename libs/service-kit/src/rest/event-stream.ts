// A stream of messages over REST: server-sent events, so that a browser, curl or a line of any language can follow. An event's
// id is the field that numbers the messages; whoever comes back says in Last-Event-ID where it stopped.

import { type DescField, type DescMessage, getOption, hasOption, type Message } from '@bufbuild/protobuf'
import { event_id } from '@strait/contracts/options/v1/options_pb'
import type { RestRoute } from '@strait/contracts/rest-routes'
import type { Protocol } from '../rpc/protocol.ts'
import { sendProblem, toProblem } from './problem.ts'
import { restReading } from './rest-protocol.ts'
import { writeJson } from './write-json.ts'

const headers = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
}

/** One request for many messages. */
export function eventStream(route: RestRoute, vars: ReadonlyMap<string, string>): Protocol {
  const idOf = findIdReader(route.method.output)
  return {
    ...restReading(route, vars),
    name: 'REST',
    send(response, method, message) {
      if (!response.headersSent) response.writeHead(200, headers)
      const id = idOf(message)
      const head = id === undefined ? '' : `id: ${id}\n`
      return response.write(`${head}${dataLines(writeJson(method.output, message))}\n`)
    },
    keepAlive(response) {
      if (response.headersSent && !response.writableEnded) response.write(':\n\n')
    },
    finish(response) {
      if (!response.headersSent) response.writeHead(200, headers)
      response.end()
    },
    fail(response, thrown, status) {
      if (!response.headersSent) return sendProblem(response, thrown, status)
      response.end(`event: error\n${dataLines(toProblem(thrown, status).body)}\n`)
    },
  }
}

/** JSON text inside a message may have line breaks between its values: each line is a `data:` of its own. */
function dataLines(text: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => `data: ${line}\n`)
    .join('')
}

/** Finds the field that numbers the messages, in the message or in one that it holds. */
function findIdReader(desc: DescMessage): (message: Message) => unknown {
  const isId = (field: DescField) => hasOption(field, event_id) && getOption(field, event_id)
  for (const field of desc.fields) {
    if (isId(field)) return (message) => valueIn(message, field)
    const inner = field.message?.fields.find(isId)
    if (field.fieldKind === 'message' && inner !== undefined)
      return (message) => {
        const held = valueIn(message, field)
        return held === undefined ? undefined : valueIn(held as Message, inner)
      }
  }
  return () => undefined
}

function valueIn(message: Message, field: DescField): unknown {
  return (message as unknown as Readonly<Record<string, unknown>>)[field.localName]
}
