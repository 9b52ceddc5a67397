/** The options about the serving certificate and the caBundles, and their combinations. */
import type { OptionTable, Values } from './option.ts'
import { OptionError } from './option-error.ts'
import {
  type ObjectName,
  parseChoice,
  parseDurationMs,
  parseNames,
  parseObjectName,
  parseText,
} from './units.ts'

export const TLS_MODES = ['dev', 'files', 'self'] as const

export const TLS_OPTIONS = {
  tls: {
    placeholder: 'dev|files|self',
    help:
      'source of the serving certificate: dev creates one in --cert-dir; files reads --tls-cert-file and --tls-key-file; ' +
      'self issues one from a CA that the replicas share in --tls-secret; default: files if a certificate file is given, otherwise dev',
    parse: parseChoice(TLS_MODES),
  },
  'tls-cert-file': {
    placeholder: 'FILE',
    help: 'files: serving certificate with its chain (PEM); reloaded when it changes',
    parse: parseText,
  },
  'tls-key-file': {
    placeholder: 'FILE',
    help: 'files: private key of the certificate (PEM)',
    parse: parseText,
  },
  'tls-ca-file': {
    placeholder: 'FILE',
    help: 'files: CAs (PEM) that signed the certificate; Remora writes them to the caBundles of --webhook-configurations',
    parse: parseText,
  },
  'tls-secret': {
    placeholder: 'NAMESPACE/NAME',
    help: 'self: Secret of the shared CA; it must exist, and Remora fills it if it is empty',
    parse: parseObjectName,
  },
  'tls-life': {
    placeholder: 'DURATION',
    help: "self: validity of a replica's certificate; it is renewed after two thirds of this time",
    parse: parseDurationMs,
    defaultText: '24h',
  },
  'service-name': {
    placeholder: 'NAMESPACE/NAME',
    help: 'Service of this server; self issues certificates for its names, and only webhooks that call it get a caBundle',
    parse: parseObjectName,
  },
  'webhook-configurations': {
    placeholder: 'NAME,...',
    help: 'MutatingWebhookConfigurations whose caBundle Remora fills, and restores if something else changes it',
    parse: parseNames,
  },
  'cert-dir': {
    placeholder: 'DIR',
    help: 'dev: folder for the CA and the certificate',
    parse: parseText,
    defaultText: 'certs',
  },
  'client-ca-file': {
    placeholder: 'FILE',
    help: 'accept only clients with a certificate from this CA (PEM); by default every client is accepted',
    parse: parseText,
  },
} as const satisfies OptionTable

export type TlsOptions = Values<typeof TLS_OPTIONS>

export type TlsPlan =
  | { readonly kind: 'dev'; readonly directory: string }
  | {
      readonly kind: 'files'
      readonly certificateFile: string
      readonly keyFile: string
      readonly caFile: string | undefined
    }
  | {
      readonly kind: 'self'
      readonly secret: ObjectName
      readonly service: ObjectName
      readonly lifeMs: number
    }

/** A shorter validity would only cause renewals. */
const SHORTEST_LIFE_MS = 5_000

/** @throws OptionError `option-missing`, `option-invalid`: one option without another, or two that exclude each other. */
export function planTls(options: TlsOptions): TlsPlan {
  const files = ['tls-cert-file', 'tls-key-file', 'tls-ca-file'] as const
  const given = files.find((flag) => options[flag] !== undefined)
  const mode = options.tls ?? (given === undefined ? 'dev' : 'files')
  if (mode !== 'files' && given !== undefined) throw excluded(`--${given}`, mode)
  if (mode !== 'self' && options['tls-secret'] !== undefined) throw excluded('--tls-secret', mode)
  switch (mode) {
    case 'dev':
      return { kind: 'dev', directory: options['cert-dir'] }
    case 'files':
      return planFiles(options)
    case 'self':
      return planSelf(options)
  }
}

function planFiles(options: TlsOptions): TlsPlan {
  const { 'tls-cert-file': certificateFile, 'tls-key-file': keyFile, 'tls-ca-file': caFile } = options
  if (certificateFile === undefined || keyFile === undefined) {
    const found =
      certificateFile === undefined && keyFile === undefined ? 'both are missing' : 'one is missing'
    throw new OptionError(
      'option-invalid',
      `--tls-cert-file and --tls-key-file must be used together: ${found}`,
    )
  }
  if (options['webhook-configurations'] !== undefined && caFile === undefined) {
    throw new OptionError(
      'option-missing',
      '--webhook-configurations with certificate files needs --tls-ca-file: the CA to write into the caBundle',
    )
  }
  return { kind: 'files', certificateFile, keyFile, caFile }
}

function planSelf(options: TlsOptions): TlsPlan {
  const { 'tls-secret': secret, 'service-name': service, 'tls-life': lifeMs } = options
  if (secret === undefined || service === undefined) {
    throw new OptionError(
      'option-missing',
      `--tls=self needs --${secret === undefined ? 'tls-secret' : 'service-name'} NAMESPACE/NAME`,
    )
  }
  if (lifeMs < SHORTEST_LIFE_MS) {
    throw new OptionError('option-invalid', `--tls-life must be at least ${SHORTEST_LIFE_MS / 1000}s`)
  }
  return { kind: 'self', secret, service, lifeMs }
}

function excluded(flag: string, mode: string): OptionError {
  return new OptionError('option-invalid', `${flag} cannot be used with --tls=${mode}`)
}
