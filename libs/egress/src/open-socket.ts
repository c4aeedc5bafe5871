// The only place where a connection to the outside is made.
//
// The name is resolved once; every address it has must be approved, or none is used: one forbidden among
// several is how a rebinding name looks. The socket is then opened to one of *these* addresses, as a
// literal, so that no second lookup can answer differently, and who it reached is checked before a byte of
// TLS or HTTP is written. Nothing is left behind on any way out: a socket is returned or destroyed.
//
// The client library's `lookup` option would not do: it is not asked for IP literals.
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type AllowList, isAllowed, refusedKind } from './address.ts'
import { codeOf, EgressError, type Resolve } from './egress-result.ts'

export interface Target {
  /** Scheme, host and port: what a connection may be shared by. */
  readonly origin: string
  /** Without brackets. */
  readonly host: string
  readonly port: number
  readonly secure: boolean
}

export interface DialOptions {
  readonly allow: AllowList
  readonly resolve: Resolve
  readonly connectTimeoutMs: number
  readonly ca: string | undefined
}

const maxAddressesTried = 4

/** Opens a socket to an approved address of the target, with TLS if it asks for it; throws EgressError. */
export async function openSocket(target: Target, options: DialOptions, cancel: AbortSignal): Promise<Socket> {
  const deadline = performance.now() + options.connectTimeoutMs
  const addresses = await approvedAddresses(target, options, cancel)
  const socket = await connectToOne(addresses, target, options, deadline, cancel)
  if (!target.secure) return socket
  return startTls(socket, target, options, deadline, cancel)
}

async function approvedAddresses(target: Target, options: DialOptions, cancel: AbortSignal) {
  const addresses = isIP(target.host) !== 0 ? [target.host] : await lookUp(target.host, options, cancel)
  if (addresses.length === 0) throw new EgressError('dns', `${target.host} has no address`)
  const refused = addresses.find((address) => !isAllowed(address, target.port, options.allow))
  if (refused === undefined) return addresses
  // The address itself stays unsaid: it may be news about an internal network.
  const verb = refused === target.host ? 'is' : 'resolves to'
  throw new EgressError('blocked', `${target.host} ${verb} ${refusedKind(refused)}`)
}

function lookUp(host: string, options: DialOptions, cancel: AbortSignal): Promise<readonly string[]> {
  const late = new EgressError('dns', `${host} was not resolved within ${options.connectTimeoutMs} ms`)
  return bounded(options.connectTimeoutMs, late, cancel, (resolve, reject) => {
    options.resolve(host).then(resolve, (cause) => {
      reject(new EgressError('dns', `${host} was not resolved: ${codeOf(cause)}`, { cause }))
    })
    return null
  })
}

async function connectToOne(
  addresses: readonly string[],
  target: Target,
  options: DialOptions,
  deadline: number,
  cancel: AbortSignal,
): Promise<Socket> {
  const tried = addresses.slice(0, maxAddressesTried)
  let failure: unknown
  for (const [index, address] of tried.entries()) {
    // A silent address leaves the next one its share of the time.
    const budgetMs = (deadline - performance.now()) / (tried.length - index)
    try {
      return await connectTo(address, target, options.allow, budgetMs, cancel)
    } catch (error) {
      if (cancel.aborted) throw error
      failure = error
    }
  }
  throw failure
}

function connectTo(address: string, target: Target, allow: AllowList, budgetMs: number, cancel: AbortSignal) {
  const late = new EgressError('connect', `${target.host} did not accept a connection in time`)
  return bounded<Socket>(budgetMs, late, cancel, (resolve, reject) => {
    const socket = connectTcp({
      host: address,
      port: target.port,
      autoSelectFamily: false,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
    })
    // Stays on for the socket's life: an error that nobody awaits any more must not end the process.
    socket.on('error', (cause) => {
      reject(new EgressError('connect', `${target.host} refused the connection: ${codeOf(cause)}`, { cause }))
    })
    socket.once('connect', () => {
      const problem = peerProblem(target, socket.remoteAddress, allow)
      if (problem === null) return resolve(socket)
      socket.destroy()
      reject(problem)
    })
    return () => socket.destroy()
  })
}

/** Says what is wrong with the address a socket reached, null if nothing is. */
export function peerProblem(
  target: Target,
  reached: string | undefined,
  allow: AllowList,
): EgressError | null {
  if (reached === undefined) return new EgressError('connect', `${target.host} closed the connection at once`)
  if (isAllowed(reached, target.port, allow)) return null
  return new EgressError('blocked', `${target.host} was answered by ${refusedKind(reached)}`)
}

function startTls(raw: Socket, target: Target, options: DialOptions, deadline: number, cancel: AbortSignal) {
  const late = new EgressError('tls', `${target.host} did not finish the TLS handshake in time`)
  return bounded<Socket>(deadline - performance.now(), late, cancel, (resolve, reject) => {
    const name = target.host.replace(/\.$/, '')
    const socket = connectTls({
      socket: raw,
      // The certificate must be for `host`; a literal sends no server name.
      host: name,
      servername: isIP(name) === 0 ? name : '',
      ALPNProtocols: ['http/1.1'],
      // Said outright, so that no variable of the environment switches it off.
      rejectUnauthorized: true,
      ca: options.ca,
    })
    socket.on('error', (cause) => {
      raw.destroy()
      reject(new EgressError('tls', `TLS with ${target.host} failed: ${cause.message}`, { cause }))
    })
    socket.once('secureConnect', () => resolve(socket))
    return () => {
      socket.destroy()
      raw.destroy()
    }
  })
}

type Undo = () => void
type Start<T> = (resolve: (value: T) => void, reject: (error: Error) => void) => Undo | null

/** Runs one step with a deadline and a cancel; whichever comes first undoes it. */
function bounded<T>(ms: number, late: EgressError, cancel: AbortSignal, start: Start<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let undo: Undo | null = null
    const settle = () => {
      clearTimeout(timer)
      cancel.removeEventListener('abort', onCancel)
    }
    const giveUp = (error: Error) => {
      settle()
      undo?.()
      reject(error)
    }
    const onCancel = () => giveUp(new EgressError('aborted', 'the call was given up'))
    const timer = setTimeout(() => giveUp(late), Math.max(0, ms))
    cancel.addEventListener('abort', onCancel)
    if (cancel.aborted) return onCancel()
    undo = start(
      (value) => {
        settle()
        resolve(value)
      },
      (error) => {
        settle()
        reject(error)
      },
    )
  })
}
