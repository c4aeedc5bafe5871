// grpc.reflection.v1: what gRPC tools ask to learn which services a port has and what their messages are. A tool sends
// questions for as long as it likes, which no method of ours does, so connect-node carries this one; what it costs does not
// matter. It tells what the published schema tells, and asks for no key.

import { type DescFile, type DescService, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt'
import { Code, ConnectError } from '@connectrpc/connect'
import { connectNodeAdapter } from '@connectrpc/connect-node'
import {
  ServerReflection,
  type ServerReflectionRequest,
  type ServerReflectionResponseSchema,
} from '@strait/contracts/grpc/reflection/v1/reflection_pb'
import type { Request, Response } from './http-types.ts'
import { schemaOf } from './schema-index.ts'

type Answer = MessageInitShape<typeof ServerReflectionResponseSchema>['messageResponse']

const path = `/${ServerReflection.typeName}/${ServerReflection.method.serverReflectionInfo.name}`
const maxQuestionBytes = 65_536
/** A tool asks for seconds; one that stays longer is cut. */
const longestMs = 300_000

/** Whether a request asks about services. */
export function isReflection({ url }: Request): boolean {
  return url?.split('?', 1)[0] === path
}

/** Serves questions about these services. */
export function createReflection(
  services: readonly DescService[],
): (request: Request, response: Response) => void {
  const schema = schemaOf(services)

  function answer({ messageRequest: asked }: ServerReflectionRequest): Answer {
    switch (asked.case) {
      case 'listServices':
        return {
          case: 'listServicesResponse',
          value: { service: services.map(({ typeName: name }) => ({ name })) },
        }
      case 'fileByFilename':
        return files(schema.file(asked.value))
      case 'fileContainingSymbol':
        return files(schema.fileOfSymbol(asked.value))
      case 'fileContainingExtension':
        return files(schema.fileOfExtension(asked.value.containingType, asked.value.extensionNumber))
      case 'allExtensionNumbersOfType': {
        const extensionNumber = schema.extensionNumbers(asked.value)
        if (extensionNumber === undefined) return notFound()
        return {
          case: 'allExtensionNumbersResponse',
          value: { baseTypeName: asked.value, extensionNumber: [...extensionNumber] },
        }
      }
      default:
        return error(Code.InvalidArgument, 'the question is none that is known here')
    }
  }

  const serve = connectNodeAdapter({
    readMaxBytes: maxQuestionBytes,
    maxTimeoutMs: longestMs,
    routes(router) {
      router.service(ServerReflection, {
        async *serverReflectionInfo(questions) {
          try {
            for await (const question of questions)
              yield { validHost: question.host, originalRequest: question, messageResponse: answer(question) }
          } catch (cause) {
            throw theirFault(cause)
          }
        },
      })
    },
  })
  return (request, response) => {
    const cut = setTimeout(() => response.destroy(), longestMs).unref()
    response.once('close', () => clearTimeout(cut))
    serve(request, response)
  }
}

/** connect-node calls a question that cannot be read a fault of ours. */
function theirFault(cause: unknown): ConnectError {
  const err = ConnectError.from(cause)
  if (err.code !== Code.Internal) return err
  return new ConnectError(err.rawMessage, Code.InvalidArgument, undefined, undefined, cause)
}

/** A file with all that it builds on, so that a tool need not ask again. */
function files(file: DescFile | undefined): Answer {
  if (file === undefined) return notFound()
  const whole = new Set<DescFile>()
  const add = (one: DescFile) => {
    if (whole.has(one)) return
    whole.add(one)
    for (const dependency of one.dependencies) add(dependency)
  }
  add(file)
  const fileDescriptorProto = Array.from(whole, ({ proto }) => toBinary(FileDescriptorProtoSchema, proto))
  return { case: 'fileDescriptorResponse', value: { fileDescriptorProto } }
}

function notFound(): Answer {
  return error(Code.NotFound, 'there is no such thing here')
}

function error(errorCode: Code, errorMessage: string): Answer {
  return { case: 'errorResponse', value: { errorCode, errorMessage } }
}
