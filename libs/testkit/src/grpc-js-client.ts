import {
  create,
  type DescMethod,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf'
import { findTrailerError } from '@connectrpc/connect/protocol-grpc'
import { type CallOptions, Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js'

/** A caller that knows nothing of Connect: bare grpc-js, with the generated messages as its serializers. */
export class GrpcJsClient implements Disposable {
  readonly #client: Client
  readonly #metadata = new Metadata()

  constructor(port: number, bearer: string | undefined) {
    this.#client = new Client(`127.0.0.1:${port}`, credentials.createInsecure())
    if (bearer !== undefined) this.#metadata.set('authorization', `Bearer ${bearer}`)
  }

  /** One question, one answer; an error is what its trailers say. */
  unary<M extends DescMethod>(
    method: M,
    init: MessageInitShape<M['input']>,
    options: CallOptions = {},
  ): Promise<MessageShape<M['output']>> {
    const { promise, resolve, reject } = Promise.withResolvers<MessageShape<M['output']>>()
    const { path, write, read } = wire(method)
    const done = (error: ServiceError | null, answer?: MessageShape<M['output']>) =>
      error ? reject(toError(error)) : resolve(answer!)
    this.#client.makeUnaryRequest(path, write, read, init, this.#metadata, options, done)
    return promise
  }

  /** One question, many answers. */
  stream<M extends DescMethod>(method: M, init: MessageInitShape<M['input']>, options: CallOptions = {}) {
    const { path, write, read } = wire(method)
    const call = this.#client.makeServerStreamRequest(path, write, read, init, this.#metadata, options)
    return {
      cancel: () => call.cancel(),
      async *[Symbol.asyncIterator](): AsyncGenerator<MessageShape<M['output']>> {
        try {
          yield* call
        } catch (error) {
          throw toError(error as ServiceError)
        }
      },
    }
  }

  [Symbol.dispose](): void {
    this.#client.close()
  }
}

function wire<M extends DescMethod>(method: M) {
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    write: (init: MessageInitShape<M['input']>) =>
      Buffer.from(toBinary(method.input, create(method.input, init) as MessageShape<M['input']>)),
    read: (bytes: Buffer) => fromBinary(method.output, bytes) as MessageShape<M['output']>,
  }
}

function toError(error: ServiceError): unknown {
  const headers = new Headers({
    'grpc-status': String(error.code),
    'grpc-message': encodeURIComponent(error.details),
  })
  const [details] = error.metadata.get('grpc-status-details-bin')
  if (details !== undefined) headers.set('grpc-status-details-bin', (details as Buffer).toString('base64'))
  return findTrailerError(headers) ?? error
}
