// Two questions about a failed statement. The first: was it the way to the database? Then nothing is said about the
// rows, and the outcome may be unknown. The second: was it the rows? Then the statement changed nothing, and a part
// of its batch may still be good.

const lostStates = new Set([
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '57P05', // idle_session_timeout
  '25P03', // idle_in_transaction_session_timeout
  '57014', // query_canceled: the statement time-out
  '53300', // too_many_connections
])

const lostErrnos = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT', // a Unix socket that is gone
])

// The driver's own errors carry no code.
const lostMessages = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Query read timeout',
  'is not queryable',
  'Postgres connection has been discarded',
]

const rowClasses = new Set(['22', '23', '54'])

/** Says whether the database was out of reach or gave up waiting, so that the same work may be asked for again. */
export function isConnectionLost(error: unknown): boolean {
  return chainOf(error).some((each) => {
    const code = codeOf(each)
    if (code.length === 5 && (code.startsWith('08') || lostStates.has(code))) return true
    if (lostErrnos.has(code)) return true
    return each instanceof Error && lostMessages.some((text) => each.message.includes(text))
  })
}

/** Says whether a value or a row is at fault: bad data, a broken constraint, too large, the same row twice. */
export function isRowFault(error: unknown): boolean {
  // What ends a connection is never a row, whatever its class: a role that does not exist is 22023.
  if (typeof error === 'object' && error !== null && 'severity' in error && error.severity !== 'ERROR')
    return false
  const code = codeOf(error)
  return code.length === 5 && (rowClasses.has(code.slice(0, 2)) || code === '21000')
}

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : ''
}

// An error with the causes it was wrapped around, at most five deep.
function chainOf(error: unknown): readonly unknown[] {
  const chain: unknown[] = []
  for (let each = error; each instanceof Error && chain.length < 5; each = each.cause) chain.push(each)
  return chain
}
