// The one reading of a REST path. Whoever routes by a path and whoever serves it read it here, so that nothing can mean one
// thing to a proxy and another to the service behind it.

/** One segment of a path, as it was sent and as it was meant. */
export interface PathSegment {
  readonly raw: string
  readonly decoded: string
}

/** What RFC 3986 lets stand in a segment. A fragment, a backslash, a blank or a byte beyond ASCII is not among it. */
const segmentText = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})+$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const forbidden = /[\u0000-\u001f\u007f-\u009f/\\]/

/** The segments of a path that begins with a slash, or what is wrong with it. */
export function readSegments(path: string): readonly PathSegment[] | { readonly why: string } {
  const segments: PathSegment[] = []
  for (const raw of path.slice(1).split('/')) {
    if (raw === '') return { why: 'a segment of the path is empty' }
    const decoded = segmentText.test(raw) ? decode(raw) : undefined
    if (decoded === undefined) return { why: 'a segment of the path is not percent-encoded UTF-8' }
    if (decoded === '.' || decoded === '..') return { why: 'a path has no dots for segments here' }
    if (forbidden.test(decoded))
      return { why: 'a segment of the path stands for a slash or a control character' }
    segments.push({ raw, decoded })
  }
  return segments
}

/** Decodes once; what is encoded twice stays encoded once. Undefined for what is no UTF-8. */
function decode(raw: string): string | undefined {
  if (!raw.includes('%')) return raw
  try {
    return decodeURIComponent(raw)
  } catch {
    return undefined
  }
}
