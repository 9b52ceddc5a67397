/**
 * Owns: the options about connections, what they may hold and how long they may take, and about their end. Not here: the
 * other options (schema.ts), and what a server does with them.
 */

import type { OptionTable } from './option.ts'
import { parseBytes, parseBytesOrNone, parseDurationMs, parseInteger } from './units.ts'

const count = parseInteger(1, 1_000_000)

export const CONNECTION_OPTIONS = {
  'max-body-bytes': {
    placeholder: 'SIZE',
    help: 'largest review accepted',
    parse: parseBytes,
    defaultText: '8Mi',
  },
  'etcd-max-request-bytes': {
    placeholder: 'SIZE',
    help: "the cluster's --max-request-bytes of etcd: a pod that takes more is refused before it is parsed; 0 refuses none for that",
    parse: parseBytesOrNone,
    defaultText: '1536Ki',
  },
  'max-buffered-bytes': {
    placeholder: 'SIZE',
    help: 'bodies and answers held at once, a quarter of it by one namespace at most; beyond it 429 is answered',
    parse: parseBytes,
    defaultText: '32Mi',
  },
  'max-connections': {
    placeholder: 'N',
    help: 'open connections, half of them from one address at most; further ones displace the one that is silent longest',
    parse: count,
    defaultText: '1024',
  },
  'keep-alive-timeout': {
    placeholder: 'DURATION',
    help: 'how long a connection without a byte of a request stays; keep it above the 90s of the API server',
    parse: parseDurationMs,
    defaultText: '120s',
  },
  'request-timeout': {
    placeholder: 'DURATION',
    help: 'time from its first byte in which a whole request must have arrived, and in which its answer must be read',
    parse: parseDurationMs,
    defaultText: '30s',
  },
  'header-timeout': {
    placeholder: 'DURATION',
    help: "time from its first byte in which a request's headers must have arrived",
    parse: parseDurationMs,
    defaultText: '10s',
  },
  'handshake-timeout': {
    placeholder: 'DURATION',
    help: 'time in which a TLS handshake must be done',
    parse: parseDurationMs,
    defaultText: '10s',
  },
  'drain-delay': {
    placeholder: 'DURATION',
    help: 'how long to go on serving after SIGTERM, until the Service has dropped this server; each answer closes its connection',
    parse: parseDurationMs,
    defaultText: '5s',
  },
  'drain-timeout': {
    placeholder: 'DURATION',
    help: 'then, how long to wait for requests under way',
    parse: parseDurationMs,
    defaultText: '10s',
  },
} as const satisfies OptionTable
