// Streams of gRPC, gRPC-Web and Connect are rows of envelopes: a byte of flags, four of length, a message. Their borders are
// followed as they pass in pieces, so that a stream whose service goes away can be ended with an error between two messages
// instead of being cut. What is in them is nobody's affair here.

const headBytes = 5
/** Flags of the last envelope: of Connect, and of gRPC-Web. */
const lastFlags = 0x02 | 0x80

/** Follows the envelopes of one stream. */
export interface EnvelopeWatch {
  pass(chunk: Uint8Array): void
  /** Whether everything that passed are whole messages, the last of which was not the end. */
  isBetweenMessages(): boolean
}

/** Begins before the first envelope. */
export function watchEnvelopes(): EnvelopeWatch {
  let headSeen = 0
  let length = 0
  let left = 0
  let isLast = false

  return {
    pass(chunk) {
      let at = 0
      while (at < chunk.length) {
        if (headSeen < headBytes) {
          const byte = chunk[at] ?? 0
          if (headSeen === 0) isLast = (byte & lastFlags) !== 0
          else length = length * 256 + byte
          headSeen++
          at++
          left = length
        } else {
          const taken = Math.min(left, chunk.length - at)
          left -= taken
          at += taken
        }
        if (headSeen === headBytes && left === 0) {
          headSeen = 0
          length = 0
        }
      }
    },
    isBetweenMessages: () => headSeen === 0 && !isLast,
  }
}

/** Whether an answer of this type is a row of envelopes. */
export function isEnveloped(contentType: string): boolean {
  return /^application\/(?:grpc|grpc-web|connect)(?:\+(?:json|proto))?(?:$|;)/i.test(contentType)
}
