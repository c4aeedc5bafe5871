import type { Server } from 'node:net'

/** A part could not be started for a reason that its operator can mend; the message says what to do. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** Listens and answers the port; a port or an address that cannot be had is one clear sentence. */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((done, fail) => {
    const failed = (cause: NodeJS.ErrnoException) => {
      const problem = problemOf(cause.code, host, port)
      fail(problem === undefined ? cause : new StartError(problem, { cause }))
    }
    server.once('error', failed)
    server.listen(port, host, () => {
      server.off('error', failed)
      done()
    })
  })
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}

function problemOf(code: string | undefined, host: string, port: number): string | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} is taken: stop what listens there or choose another port`
    case 'EACCES':
      return `port ${port} may not be opened by this user: choose one above 1023`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${host} is no address of this machine: choose another one, or 0.0.0.0 for all of them`
    default:
      return undefined
  }
}
