/** The options about connections, request sizes, timeouts and draining. */
import type { OptionTable } from './option.ts'
import { parseBytes, parseBytesOrNone, parseDurationMs, parseInteger } from './units.ts'

const count = parseInteger(1, 1_000_000)

export const CONNECTION_OPTIONS = {
  'max-body-bytes': {
    placeholder: 'SIZE',
    help: 'maximum size of a review',
    parse: parseBytes,
    defaultText: '8Mi',
  },
  'etcd-max-request-bytes': {
    placeholder: 'SIZE',
    help: "value of --max-request-bytes of the cluster's etcd; a larger pod is refused before it is parsed; 0 disables the check",
    parse: parseBytesOrNone,
    defaultText: '1536Ki',
  },
  'max-buffered-bytes': {
    placeholder: 'SIZE',
    help: 'maximum memory for requests and responses in progress; one namespace may use a quarter of it; beyond it requests get 429',
    parse: parseBytes,
    defaultText: '32Mi',
  },
  'max-connections': {
    placeholder: 'N',
    help: 'maximum number of connections, of which one address may hold half; at the limit, a new connection replaces the one that has been idle longest',
    parse: count,
    defaultText: '1024',
  },
  'keep-alive-timeout': {
    placeholder: 'DURATION',
    help: 'how long an idle connection stays open; keep it above the 90s of the API server',
    parse: parseDurationMs,
    defaultText: '120s',
  },
  'request-timeout': {
    placeholder: 'DURATION',
    help: 'time limit for receiving a request, from its first byte, and for sending its response',
    parse: parseDurationMs,
    defaultText: '30s',
  },
  'header-timeout': {
    placeholder: 'DURATION',
    help: 'time limit for receiving the headers of a request, from its first byte',
    parse: parseDurationMs,
    defaultText: '10s',
  },
  'handshake-timeout': {
    placeholder: 'DURATION',
    help: 'time limit for a TLS handshake',
    parse: parseDurationMs,
    defaultText: '10s',
  },
  'drain-delay': {
    placeholder: 'DURATION',
    help: 'how long to continue serving after SIGTERM, so that the Service can remove this server; each response closes its connection',
    parse: parseDurationMs,
    defaultText: '5s',
  },
  'drain-timeout': {
    placeholder: 'DURATION',
    help: 'after the drain delay, how long to wait for requests in progress',
    parse: parseDurationMs,
    defaultText: '10s',
  },
} as const satisfies OptionTable
