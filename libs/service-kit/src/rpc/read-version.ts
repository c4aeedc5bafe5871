import type { Socket } from 'node:net'

// No method of HTTP/1.1 begins like this; three bytes decide, and POST shares one of them.
const http2Preface = Buffer.from('PRI')
// The first byte of a TLS handshake; no HTTP begins with it.
const tlsHandshake = 0x16

/** What a connection speaks. */
export type Version = 'http1' | 'http2' | 'tls'

/**
 * Reads from a new connection which version of HTTP it speaks, or that it speaks TLS, and puts the bytes back. A connection that does not say it in
 * time, or ends before, is closed.
 */
export function readVersion(socket: Socket, withinMs: number, decided: (version: Version) => void): void {
  let seen: Buffer = Buffer.alloc(0)
  const giveUp = setTimeout(() => socket.destroy(), withinMs)
  socket.once('close', () => clearTimeout(giveUp))
  socket.once('end', end)
  socket.on('readable', read)

  function end(): void {
    socket.destroy()
  }
  function read(): void {
    const chunk: Buffer | null = socket.read()
    if (chunk === null) return
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk])
    const length = Math.min(seen.length, http2Preface.length)
    const same = seen.subarray(0, length).equals(http2Preface.subarray(0, length))
    if (same && length < http2Preface.length) return
    clearTimeout(giveUp)
    socket.off('end', end)
    socket.off('readable', read)
    socket.unshift(seen)
    decided(same ? 'http2' : seen[0] === tlsHandshake ? 'tls' : 'http1')
  }
}
