// TLS on the one port: connections whose first byte is a handshake are taken through it here, agree on HTTP/2 or HTTP/1.1, and
// go on like any other.

import type { Socket } from 'node:net'
import { createServer, type TLSSocket } from 'node:tls'
import { type Certificate, readCertificate, type TlsFiles, watchCertificate } from '../tls.ts'
import type { Version } from './read-version.ts'

/** How a port speaks TLS. */
export interface TlsOptions extends TlsFiles {
  /** What becomes of connections without TLS. */
  readonly plaintext: 'refused' | 'allowed'
  /** How often the files are looked at. Default: 30,000. */
  readonly renewEveryMs?: number
  /** The files were changed, and are in use or cannot be used. */
  readonly onRenewed?: (problem: Error | undefined) => void
}

/** Takes connections through their handshake. */
export interface TlsDoor {
  /** Reads the certificate; a StartError says what is wrong with it. */
  open(): void
  admit(socket: Socket): void
  close(): void
}

/** A door that hands on what has been through the handshake. */
export function createTlsDoor(
  options: TlsOptions,
  handshakeTimeout: number,
  serve: (socket: TLSSocket) => void,
): TlsDoor {
  // The certificate comes with open().
  const server = createServer({
    ALPNProtocols: ['h2', 'http/1.1'],
    handshakeTimeout,
    minVersion: 'TLSv1.2',
  })
  server.on('secureConnection', serve)
  server.on('tlsClientError', (_, socket) => socket.destroy())
  const use = ({ cert, key }: Certificate) => server.setSecureContext({ cert, key, minVersion: 'TLSv1.2' })
  let stopWatching = () => {
    // Nothing is watched before the door is open.
  }
  return {
    open() {
      const certificate = readCertificate(options)
      use(certificate)
      const on = {
        renewed(renewed: Certificate) {
          use(renewed)
          options.onRenewed?.(undefined)
        },
        failed: (err: Error) => options.onRenewed?.(err),
      }
      stopWatching = watchCertificate(options, certificate, on, options.renewEveryMs ?? 30_000)
    },
    admit(socket) {
      // Whoever hangs up in the middle of the handshake has nothing more to hear.
      socket.allowHalfOpen = false
      server.emit('connection', socket)
    },
    close: () => stopWatching(),
  }
}

const sentence = 'This port speaks TLS: use https.\n'
/** How long a refused caller may take to hang up. */
const patienceMs = 1_000

/**
 * Tells a connection that came without TLS what this port speaks, where it can be told. What it sends is thrown away: its end
 * would never be seen behind it.
 */
export function refusePlaintext(socket: Socket, version: Version): void {
  if (version !== 'http1') {
    socket.destroy()
    return
  }
  const head = `HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: ${sentence.length}\r\nConnection: close`
  const cut = setTimeout(() => socket.destroy(), patienceMs)
  socket.once('close', () => clearTimeout(cut))
  socket.resume().end(`${head}\r\n\r\n${sentence}`)
}
