import { connect } from 'node:net'
import { StartError } from '@strait/service-kit/listen'

const patienceMs = 3_000

/** A NATS that was named must be there when the standalone starts; later it may come and go. */
export async function requireNats(url: string): Promise<void> {
  const { hostname, port } = URL.canParse(url) ? new URL(url) : { hostname: '', port: '' }
  const problem =
    hostname === ''
      ? 'it is not a URL like nats://127.0.0.1:4222'
      : await greetingProblem(hostname, Number(port || 4222))
  if (problem !== undefined) {
    throw new StartError(
      `NATS cannot be reached at NATS_URL (${problem}): start it, mend NATS_URL, or leave it out to use the embedded one`,
    )
  }
}

/** A NATS server speaks first: INFO and a line of JSON. */
function greetingProblem(host: string, port: number): Promise<string | undefined> {
  return new Promise((done) => {
    const socket = connect({ host, port, timeout: patienceMs })
    const end = (problem: string | undefined) => {
      socket.destroy()
      done(problem)
    }
    socket.once('data', (bytes) =>
      end(bytes.toString('latin1').startsWith('INFO ') ? undefined : 'what listens there is no NATS'),
    )
    socket.once('timeout', () => end('no answer'))
    socket.once('error', (err) => end(err.message))
    socket.once('close', () => end('it closed the connection'))
  })
}
