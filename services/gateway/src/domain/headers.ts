// Which headers are passed on. Those that are about one connection only (RFC 9110, 7.6.1) end here, and those that a
// `Connection` header names as such; how a body is framed and whom a request is for cannot be named away.

/** Where a request came from, as the services are told. */
export interface Peer {
  readonly address: string
  readonly proto: 'http' | 'https'
}

/** HTTP/1.1: the names of headers and their values in turn, as they were sent. */
type RawHeaders = readonly string[]
/** HTTP/2: headers by their names, as Node reads and writes them. */
export type Fields = Record<string, string | string[] | number | undefined>

const connectionOnly = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization'],
  ...['te', 'transfer-encoding', 'upgrade', 'http2-settings'],
])
// `expect` was answered here by reading the body; the forwarded ones are written anew.
const requestOnly = new Set([...connectionOnly, 'expect', 'x-forwarded-for', 'x-forwarded-proto'])
const notToBeNamed = new Set(['host', 'content-length', 'content-type'])

/** The headers of an HTTP/1.1 request for the service behind. */
export function passRequestHeaders(raw: RawHeaders, { address, proto }: Peer): string[] {
  const forwardedFor = [...valuesOf(raw, 'x-forwarded-for'), address].join(', ')
  const passed = withoutThose(raw, requestOnly)
  passed.push('x-forwarded-for', forwardedFor, 'x-forwarded-proto', proto)
  if (asksForTrailers(valuesOf(raw, 'te').join())) passed.push('te', 'trailers')
  return passed
}

/** The headers of an HTTP/1.1 answer for the caller. */
export function passAnswerHeaders(raw: RawHeaders): string[] {
  return withoutThose(raw, connectionOnly)
}

/** The headers of an HTTP/2 request for the service behind, pseudo-headers included. */
export function passRequestFields(fields: Readonly<Fields>, { address, proto }: Peer): Fields {
  const before = fields['x-forwarded-for']
  const passed: Fields = {
    ...passAnswerFields(fields),
    'x-forwarded-for': before === undefined ? address : `${before}, ${address}`,
    'x-forwarded-proto': proto,
  }
  delete passed.expect
  if (asksForTrailers(String(fields.te))) passed.te = 'trailers'
  return passed
}

/** The headers or trailers of an HTTP/2 answer for the caller, its status included. */
export function passAnswerFields(fields: Readonly<Fields>): Fields {
  const passed = { ...fields }
  for (const name of connectionOnly) if (passed[name] !== undefined) delete passed[name]
  return passed
}

/** The values of a header, by its lower-case name. */
function valuesOf(raw: RawHeaders, name: string): string[] {
  return raw.filter((_, i) => i % 2 === 1 && raw[i - 1]?.toLowerCase() === name)
}

function withoutThose(raw: RawHeaders, dropped: ReadonlySet<string>): string[] {
  const named = namedByConnection(raw)
  const passed: string[] = []
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? ''
    const lower = name.toLowerCase()
    if (!dropped.has(lower) && !named.has(lower)) passed.push(name, raw[i + 1] ?? '')
  }
  return passed
}

function namedByConnection(raw: RawHeaders): ReadonlySet<string> {
  const names = valuesOf(raw, 'connection').flatMap((value) => value.split(','))
  return new Set(names.map((name) => name.trim().toLowerCase()).filter((name) => !notToBeNamed.has(name)))
}

function asksForTrailers(te: string): boolean {
  return /(?:^|[\s,])trailers(?:$|[\s,;])/i.test(te)
}
