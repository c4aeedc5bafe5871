// Every reason for a refusal as a page: what it means, and how each protocol says it.

/** One reason as the schema and the tables have it. */
export interface ReasonFacts {
  readonly reason: string
  /** The comment beside it: its code, then what it means. */
  readonly comment: string
  /** The number of its code in gRPC. */
  readonly code: number | undefined
  /** Its HTTP status in REST. */
  readonly status: number | undefined
}

const head = `<!-- Made by scripts/errors-docs.ts from proto/strait/errors/v1/errors.proto and the tables of codes. Edit those. -->

# Errors

Whoever is refused learns a **reason**: a word from this list, whose meaning never changes. Beside it stand a sentence for
people, whose words may change, the fields at fault, and what else belongs to the reason.

- **gRPC, gRPC-Web and Connect** answer with the code, and carry a \`google.rpc.ErrorInfo\` with the reason, the domain
  \`strait\` and metadata. Fields at fault are in a \`google.rpc.BadRequest\`; when to try again in a \`google.rpc.RetryInfo\`.
  Connect writes codes in lower case.
- **REST** answers with the status and a problem of RFC 9457 (\`application/problem+json\`), which has the same reason,
  violations and metadata; when to try again is in the header \`Retry-After\`. See [REST](rest.md#when-it-says-no).

| Reason | Code | REST | Meaning |
| --- | --- | --- | --- |
`

/** The names of gRPC's codes, by number. */
const codeNames = [
  ...['OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS'],
  ...['PERMISSION_DENIED', 'RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE'],
  ...['UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED'],
]

/** The page. What the schema says of a code and what is answered must be one. */
export function renderReasons(reasons: readonly ReasonFacts[]): string {
  return `${head}${reasons.map(row).join('')}`
}

function row({ reason, comment, code, status }: ReasonFacts): string {
  if (code === undefined || status === undefined) throw new Error(`${reason} has no code or no REST status`)
  const name = codeNames[code]
  const [, told, meaning = ''] = /^([A-Z_]+)\. (.+)$/s.exec(comment) ?? []
  if (told !== name)
    throw new Error(`${reason} is answered with ${name}, but its comment begins "${comment}"`)
  return `| \`${reason}\` | ${name} (${code}) | ${status} | ${meaning.replaceAll('|', '\\|')} |\n`
}
