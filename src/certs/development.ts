/**
 * Development certificates: a CA and a serving certificate in one folder, created on the first start and renewed near
 * their end.
 */
import { X509Certificate } from 'node:crypto'
import { chmod, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { IssuedPair } from './issue.ts'
import { CertificateError, checkPair, messageOf } from './pair.ts'
import { validity } from './renewal.ts'

const DAY_MS = 86_400_000
const AUTHORITY_DAYS = 730
const SERVING_DAYS = 90
/** Renewed when a third of the lifetime is left. */
const RENEW_AT = 1 / 3
const LOCK_STALE_MS = 10_000

export interface DevelopmentFiles {
  readonly caFile: string
  readonly certificateFile: string
  readonly keyFile: string
}

export interface DevelopmentOptions {
  readonly directory: string
  /** DNS names and addresses in addition to the loopback ones and the Service's. */
  readonly names?: readonly string[]
  readonly nowMs: number
}

/** Loopback, and the names of a Service `remora` in Istio's usual namespace and in its own. */
export const DEVELOPMENT_NAMES: readonly string[] = [
  'localhost',
  '127.0.0.1',
  '::1',
  'remora',
  'remora.istio-system',
  'remora.istio-system.svc',
  'remora.remora',
  'remora.remora.svc',
]

export function developmentFiles(directory: string): DevelopmentFiles {
  return {
    caFile: join(directory, 'ca.crt'),
    certificateFile: join(directory, 'tls.crt'),
    keyFile: join(directory, 'tls.key'),
  }
}

/**
 * Creates certificates that are missing, invalid, near their end or for other names, and keeps the rest. Safe if
 * several processes start at once with one folder.
 * @throws CertificateError `certificate-directory` if the folder cannot be written
 */
export async function ensureDevelopmentCertificates(options: DevelopmentOptions): Promise<DevelopmentFiles> {
  const files = developmentFiles(options.directory)
  const names = [...new Set([...DEVELOPMENT_NAMES, ...(options.names ?? [])])]
  if (await isGood(options, names)) return files
  try {
    await mkdir(options.directory, { recursive: true })
    await withLock(join(options.directory, '.lock'), async () => {
      if (await isGood(options, names)) return
      // Loads node-forge, which most starts do not need.
      const { issueServing } = await import('./issue.ts')
      const authority = await ensureAuthority(options)
      const pair = issueServing(authority, {
        commonName: 'remora',
        names,
        ...validity(options.nowMs, SERVING_DAYS * DAY_MS),
      })
      await writeWhole(files.keyFile, pair.key, 0o600)
      await writeWhole(files.certificateFile, pair.certificate, 0o644)
    })
  } catch (cause) {
    throw new CertificateError(
      'certificate-directory',
      `cannot store development certificates in ${options.directory}: ${messageOf(cause)}; ` +
        'name another folder with --cert-dir, or give --tls-cert-file and --tls-key-file',
      { source: options.directory, cause },
    )
  }
  return files
}

async function isGood(options: DevelopmentOptions, names: readonly string[]): Promise<boolean> {
  const files = developmentFiles(options.directory)
  const [ca, certificate, key] = await Promise.all([
    readOrEmpty(files.caFile),
    readOrEmpty(files.certificateFile),
    readOrEmpty(files.keyFile),
  ])
  try {
    checkPair({ certificate, key }, { certificate: files.certificateFile, key: files.keyFile })
    const [leaf, authority] = [new X509Certificate(certificate), new X509Certificate(ca)]
    return (
      leaf.verify(authority.publicKey) &&
      isFresh(leaf, options.nowMs) &&
      isFresh(authority, options.nowMs) &&
      names.every((name) => leaf.checkHost(name) !== undefined || leaf.checkIP(name) !== undefined)
    )
  } catch {
    return false
  }
}

async function ensureAuthority(options: DevelopmentOptions): Promise<IssuedPair> {
  const { caFile } = developmentFiles(options.directory)
  const keyFile = join(options.directory, 'ca.key')
  const kept = { certificate: await readOrEmpty(caFile), key: await readOrEmpty(keyFile) }
  try {
    checkPair(kept, { certificate: caFile, key: keyFile })
    if (isFresh(new X509Certificate(kept.certificate), options.nowMs)) return kept
  } catch {
    // Missing or invalid files are created again below.
  }
  const { issueAuthority } = await import('./issue.ts')
  const made = issueAuthority({
    commonName: 'Remora development CA',
    ...validity(options.nowMs, AUTHORITY_DAYS * DAY_MS),
  })
  await writeWhole(keyFile, made.key, 0o600)
  await writeWhole(caFile, made.certificate, 0o644)
  return made
}

function isFresh(certificate: X509Certificate, nowMs: number): boolean {
  const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)]
  return nowMs >= from && to - nowMs > (to - from) * RENEW_AT
}

async function readOrEmpty(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    return ''
  }
}

/** Writes atomically. The mode is set before there is content to read. */
async function writeWhole(file: string, text: string, mode: number): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`
  await writeFile(temporary, text, { mode })
  await chmod(temporary, mode)
  await rename(temporary, file)
}

async function withLock(file: string, work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await (await open(file, 'wx')).close()
      break
    } catch (error) {
      // The file system's calls fail with this type of error.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      // Creating certificates takes milliseconds, so an old lock belongs to a process that died.
      const age = await stat(file).then(
        (found) => Date.now() - found.mtimeMs,
        () => 0,
      )
      if (age > LOCK_STALE_MS) await rm(file, { force: true })
      await sleep(20)
    }
  }
  try {
    await work()
  } finally {
    await rm(file, { force: true })
  }
}
