/**
 * Creates the source of the serving certificate, and the maintenance of caBundles that make the API server trust it,
 * from the options, and logs their events.
 */
import {
  type CertificateEvent,
  type CertificateSource,
  createCertificateSource,
  createSelfSource,
  developmentFiles,
  ensureDevelopmentCertificates,
} from '../certs/index.ts'
import { CaBundles, LiveSecret } from '../cluster/index.ts'
import { planTls, type ServeOptions } from '../config/index.ts'
import type { Logger } from '../observe/index.ts'

export interface ServingIdentity {
  readonly certificates: CertificateSource
  /** The CA for verifying the server, if its certificates are development ones. */
  readonly caFile: string | undefined
  /** Undefined if no webhook configuration is named. */
  readonly caBundles: CaBundles | undefined
}

/** A write of the caBundle waits for at most 4 s, and the API server has it shortly after. */
const HANDOVER_MS = 5_000

/** Counts each write of a caBundle. */
type CountWrite = () => void

/** @throws OptionError if options contradict each other */
export function createServingIdentity(
  options: ServeOptions,
  logger: Logger,
  countWrite: CountWrite,
): ServingIdentity {
  const { certificates, caFile } = createCertificates(options, () =>
    caBundles === undefined ? [] : caBundles.held(),
  )
  certificates.onEvent((event) => logCertificateEvent(event, logger))
  const caBundles = createCaBundles(options, { certificates, logger, countWrite })
  certificates.onEvent(({ kind }) => {
    if (kind === 'bundle') caBundles?.requiredChanged()
  })
  return { certificates, caFile, caBundles }
}

/** `trusted`: the certificates in the caBundles; undefined until they have been read. */
function createCertificates(
  options: ServeOptions,
  trusted: () => readonly string[] | undefined,
): Omit<ServingIdentity, 'caBundles'> {
  const plan = planTls(options)
  const clientCaFile = options['client-ca-file']
  const handoverMs = options['webhook-configurations'] === undefined ? 0 : HANDOVER_MS
  switch (plan.kind) {
    case 'files': {
      const { certificateFile, keyFile, caFile } = plan
      return {
        certificates: createCertificateSource({ certificateFile, keyFile, caFile, clientCaFile, handoverMs }),
        caFile: undefined,
      }
    }
    case 'self': {
      const { secret, service, lifeMs } = plan
      const store = new LiveSecret(secret)
      const certificates = createSelfSource({ store, service, lifeMs, clientCaFile, trusted })
      return { certificates, caFile: undefined }
    }
    case 'dev': {
      const { directory } = plan
      const names = options.host === '0.0.0.0' || options.host === '::' ? [] : [options.host]
      const renew = async (): Promise<void> => {
        await ensureDevelopmentCertificates({ directory, names, nowMs: Date.now() })
      }
      const files = developmentFiles(directory)
      return {
        certificates: createCertificateSource({ ...files, clientCaFile, renew }),
        caFile: files.caFile,
      }
    }
  }
}

interface CaBundleParts {
  readonly certificates: CertificateSource
  readonly logger: Logger
  readonly countWrite: CountWrite
}

function createCaBundles(
  options: ServeOptions,
  { certificates, logger, countWrite }: CaBundleParts,
): CaBundles | undefined {
  const configurations = options['webhook-configurations']
  if (configurations === undefined) return undefined
  return new CaBundles({
    configurations,
    service: options['service-name'],
    required: () => certificates.bundle(),
    onHeal(heal) {
      countWrite()
      logger.info({ ...heal }, 'caBundle written')
    },
    onProblems({ appeared, resolved }) {
      for (const { code, message } of appeared) logger.warn({ code, problem: message }, 'problem')
      for (const { code, message } of resolved) logger.info({ code, problem: message }, 'problem resolved')
    },
  })
}

function logCertificateEvent(event: CertificateEvent, logger: Logger): void {
  switch (event.kind) {
    case 'swapped':
      logger.info({ notAfter: new Date(event.pair.notAfterMs).toISOString() }, 'certificate swapped')
      break
    case 'kept':
      logger.error({ error: event.error }, 'the new certificate is unusable; the current one stays in use')
      break
    case 'waiting':
      logger.warn({ code: event.error.code, problem: event.error.message }, 'waiting for the shared CA')
      break
    case 'authority':
      logger.info({ notAfter: new Date(event.notAfterMs).toISOString() }, `shared CA ${event.what}`)
      break
    case 'bundle':
      break
  }
}
