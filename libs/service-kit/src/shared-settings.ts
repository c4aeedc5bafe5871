// The settings that services share. A service spreads those that it needs into its own table.

import { StartError } from './listen.ts'
import { logLevels } from './log.ts'
import { parseRange } from './rpc/client-address.ts'
import type { TlsOptions } from './rpc/tls-door.ts'
import { custom, int, list, oneOf, text } from './settings.ts'

/** Settings of every process that listens; its port is its own. */
export function portSettings(port: number) {
  return {
    host: text('HOST', { fallback: '0.0.0.0', doc: 'Address to listen on.' }),
    port: int('PORT', {
      fallback: port,
      min: 0,
      max: 65_535,
      doc: 'Port of the RPC server; 0 takes a free one.',
    }),
    opsPort: int('OPS_PORT', {
      fallback: port + 1000,
      min: 0,
      max: 65_535,
      doc: 'Port of health and metrics; 0 takes a free one.',
    }),
    logLevel: oneOf('STRAIT_LOG_LEVEL', { fallback: 'info', words: logLevels, doc: 'How much is logged.' }),
    tlsCertFile: text('STRAIT_TLS_CERT_FILE', {
      optional: true,
      doc: 'Certificate of the port with its chain, in PEM: the port speaks TLS. Read again when it changes.',
    }),
    tlsKeyFile: text('STRAIT_TLS_KEY_FILE', {
      optional: true,
      doc: 'Key of that certificate, in PEM. Both are given or neither.',
    }),
    tlsPlaintext: oneOf('STRAIT_TLS_PLAINTEXT', {
      fallback: 'refused',
      words: ['refused', 'allowed'],
      doc: 'What becomes of connections without TLS where the port speaks it.',
    }),
    corsOrigins: list('STRAIT_CORS_ORIGINS', {
      fallback: [],
      doc: 'Origins whose web pages may call, such as https://app.example.com; * is every one.',
    }),
    trustedProxies: custom<readonly string[]>('STRAIT_TRUSTED_PROXIES', {
      fallback: [],
      bounds: 'comma-separated CIDR ranges',
      doc: 'Proxies and gateways whose X-Forwarded-For is believed when wrong keys, and streams without a key, are counted.',
      read: readRanges,
    }),
    hardStopSecs: int('STRAIT_HARD_STOP_SECS', {
      fallback: 25,
      min: 1,
      max: 600,
      doc: 'After a stop signal the process ends by force after so many seconds.',
    }),
  }
}

/** How a port speaks TLS; nothing where no certificate is given. */
export function tlsOptions(config: {
  readonly tlsCertFile: string | undefined
  readonly tlsKeyFile: string | undefined
  readonly tlsPlaintext: TlsOptions['plaintext']
}): TlsOptions | undefined {
  const { tlsCertFile: certFile, tlsKeyFile: keyFile, tlsPlaintext: plaintext } = config
  if (certFile === undefined && keyFile === undefined) return undefined
  if (certFile === undefined || keyFile === undefined)
    throw new StartError('STRAIT_TLS_CERT_FILE and STRAIT_TLS_KEY_FILE are given both or neither')
  return { certFile, keyFile, plaintext }
}

/** Settings of every service that has a schema of its own and serves methods. */
export function sharedSettings(port: number) {
  return {
    databaseUrl: text('DATABASE_URL', {
      doc: 'Postgres, as a postgres:// URL. The service takes its own role after connecting.',
      secret: true,
      check: (url) =>
        /^postgres(?:ql)?:$/.test(URL.parse(url)?.protocol ?? '')
          ? undefined
          : 'must be a URL like postgres://user@host:5432/database',
    }),
    natsUrl: text('NATS_URL', { doc: 'NATS with JetStream, as a nats:// URL.' }),
    ...portSettings(port),
    serviceToken: text('STRAIT_SERVICE_TOKEN', {
      secret: true,
      check: tokenProblem,
      doc: 'Opens the internal services to each other; at least 16 characters, the same everywhere.',
    }),
    previousServiceToken: text('STRAIT_PREVIOUS_SERVICE_TOKEN', {
      optional: true,
      secret: true,
      check: tokenProblem,
      doc: 'Accepted too, while the token rotates.',
    }),
    authFailuresPerMinute: int('STRAIT_AUTH_FAILURES_PER_MINUTE', {
      fallback: 60,
      min: 1,
      max: 100_000,
      doc: 'Wrong keys that one address may show in a minute; then it waits. Keys known to be good still pass.',
    }),
  }
}

function readRanges(value: string): readonly string[] | { readonly problem: string } {
  const ranges = value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  const wrong = ranges.find((range) => parseRange(range) === undefined)
  return wrong === undefined
    ? ranges
    : { problem: `must be ranges like 10.0.0.0/8 or fd00::/8, and ${wrong} is none` }
}

/** A token travels in a header, and nobody may guess it. */
function tokenProblem(token: string): string | undefined {
  return /^[!-~][ -~]{14,254}[!-~]$/.test(token)
    ? undefined
    : 'must be 16 to 256 characters of printable ASCII'
}
