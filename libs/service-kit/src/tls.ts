// The certificate of a port, read from files and read again when they change: whoever renews it need not restart anything. A
// file that cannot be used while the process runs leaves the certificate before it in force, and is said in the log.

import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { StartError } from './listen.ts'

/** Where a certificate and its key are, in PEM. */
export interface TlsFiles {
  /** With the chain behind it. */
  readonly certFile: string
  readonly keyFile: string
}

/** A certificate with its key. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** Reads both files; a StartError says what is wrong with them. */
export function readCertificate({ certFile, keyFile }: TlsFiles): Certificate {
  const certificate = {
    cert: readPem('STRAIT_TLS_CERT_FILE', certFile),
    key: readPem('STRAIT_TLS_KEY_FILE', keyFile),
  }
  try {
    createSecureContext(certificate)
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause)
    throw new StartError(`the certificate ${certFile} and the key ${keyFile} are no pair: ${said}`, { cause })
  }
  return certificate
}

/** Calls `renewed` with a certificate that is another than before, looking every so often; ends when it is told to. */
export function watchCertificate(
  files: TlsFiles,
  first: Certificate,
  on: { readonly renewed: (certificate: Certificate) => void; readonly failed: (err: Error) => void },
  everyMs: number,
): () => void {
  let last = first
  const timer = setInterval(() => {
    try {
      const now = readCertificate(files)
      if (now.cert === last.cert && now.key === last.key) return
      last = now
      on.renewed(now)
    } catch (err) {
      on.failed(err as Error)
    }
  }, everyMs).unref()
  return () => clearInterval(timer)
}

function readPem(setting: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause)
    throw new StartError(`${setting} cannot be read: ${said}`, { cause })
  }
}
