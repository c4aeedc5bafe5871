// Slugs: the readable name of a job, accepted wherever its id is. A slug therefore never looks like a UUID.
import anyAscii from 'any-ascii'
import { isUuid } from './ids.ts'

/** The characters of a slug; each character can match in one way only, so the time is linear in the text. */
export const slugPattern = /^[a-z0-9]+(?:[-_][a-z0-9]+)*$/

/** The most characters a slug may have. */
export const SLUG_MAX_LENGTH = 128

export type SlugCheck = { readonly ok: true } | { readonly ok: false; readonly reason: string }

/** Says whether the text may be a slug, and if not, why in words for the one who sent it. */
export function checkSlug(text: string): SlugCheck {
  if (text === '') return refused('must not be empty')
  if (text.length > SLUG_MAX_LENGTH) return refused(`must have at most ${SLUG_MAX_LENGTH} characters`)
  if (!slugPattern.test(text)) {
    return refused(
      'must be lowercase letters and digits, in parts separated by single hyphens or underscores',
    )
  }
  if (isUuid(text)) return refused('must not have the shape of a UUID, so that it is never taken for an id')
  return { ok: true }
}

// Emoji, and what joins and colours them.
const pictures = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\u{e0020}-\u{e007f}]+/gu

/**
 * Makes a slug from any name, whatever its script. A name that leaves nothing readable, or something of a UUID's shape, gets the
 * fallback, which the caller makes a legal slug.
 */
export function slugFromName(name: string, fallback: string): string {
  // Transliterated without its pictures, which would become words that nobody wrote.
  const plain = anyAscii(name.normalize('NFKC').replace(pictures, ' ')).toLowerCase()
  // Two bounded steps instead of one trimming pattern: `-+$` alone is quadratic on a long run of hyphens.
  const parts = plain.split(/[^a-z0-9]+/).filter((part) => part !== '')
  const slug = parts.join('-').slice(0, SLUG_MAX_LENGTH).replace(/-$/, '')
  return slug === '' || isUuid(slug) ? fallback : slug
}

function refused(reason: string): SlugCheck {
  return { ok: false, reason }
}
