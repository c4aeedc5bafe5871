// The protocols of the one port, told apart by content type. They differ in how messages are wrapped, where a deadline
// stands and how an answer ends; everything else about a call is the same for all of them.

import { sendProblem } from '../rest/problem.ts'
import { connectStream, connectUnary } from './connect-protocol.ts'
import { grpc, grpcWeb } from './grpc-protocol.ts'
import type { MethodKind } from './method-table.ts'
import type { Protocol } from './protocol.ts'

type Table = ReadonlyMap<string, Protocol>

const common: Table = new Map([
  ...inBothForms('application/grpc+', grpc),
  ...inBothForms('application/grpc-web+', grpcWeb),
  ['application/grpc', grpc('application/grpc', false)],
  ['application/grpc-web', grpcWeb('application/grpc-web', false)],
])
const tables: Readonly<Record<MethodKind, Table>> = {
  unary: new Map([...inBothForms('application/', connectUnary), ...common]),
  server_streaming: new Map([...inBothForms('application/connect+', connectStream), ...common]),
}

function inBothForms(prefix: string, make: (contentType: string, json: boolean) => Protocol) {
  return (['json', 'proto'] as const).map(
    (form) => [prefix + form, make(prefix + form, form === 'json')] as const,
  )
}

/** The protocol of a request to a method of this kind; undefined when its content type is none of theirs. */
export function protocolFor(kind: MethodKind, contentType: string): Protocol | undefined {
  return tables[kind].get(contentType)
}

/** The protocol that a caller of this content type understands, whatever it asks for. */
export function protocolOf(contentType: string): Protocol {
  return tables.unary.get(contentType) ?? tables.server_streaming.get(contentType) ?? plain
}

/** What is spoken to whoever speaks none of them: a problem under a telling status. */
export const plain: Protocol = { ...connectUnary('application/json', true), name: 'REST', fail: sendProblem }

/** The content types that a method of this kind takes. */
export function contentTypesFor(kind: MethodKind): readonly string[] {
  return [...tables[kind].keys()]
}
