/**
 * Owns: the options of all commands: flag, environment variable (derived), default, form and help, each named in one
 * place; those of one subject are in files of their own (admin-, capture-, command-, connection-, preview-,
 * tls-options.ts). Not here: reading
 * them (read.ts) and printing them (help.ts).
 */

import { CAPTURE_OPTIONS } from './capture-options.ts'
import { ADMIN_SOCKET, CLUSTER, CLUSTER_OPTIONS, HELP, METRICS_PORT } from './command-options.ts'
import { CONNECTION_OPTIONS } from './connection-options.ts'
import { LAST_GOOD_OPTIONS } from './last-good-options.ts'
import type { OptionTable, Values } from './option.ts'
import { JSON_FLAG, outputOption } from './output-options.ts'
import { TLS_OPTIONS } from './tls-options.ts'
import { parseBytesOrNone, parseChoice, parseFlag, parseInteger, parseRevision, parseText } from './units.ts'

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

const port = parseInteger(0, 65_535)

export const SERVE_OPTIONS = {
  cluster: {
    ...CLUSTER,
    help: 'the cluster, which is watched for changes: a folder of Kubernetes manifests, or live for the one that the server runs in (a folder of that name is ./live)',
  },
  host: {
    placeholder: 'ADDRESS',
    help: 'address to listen on; 0.0.0.0 or :: in a container',
    parse: parseText,
    defaultText: '127.0.0.1',
  },
  port: {
    placeholder: 'PORT',
    help: 'port of the webhook (HTTPS); 0 takes a free one',
    parse: port,
    defaultText: '9443',
  },
  'metrics-port': METRICS_PORT,
  'admin-socket': {
    ...ADMIN_SOCKET,
    help: 'Unix socket on which remora status and remora admin ask this server; only its own user can; default: one in the temporary folder, named after the port of probes',
  },
  ...TLS_OPTIONS,
  ...CLUSTER_OPTIONS,
  ...CONNECTION_OPTIONS,
  ...LAST_GOOD_OPTIONS,
  'cache-bytes': {
    placeholder: 'SIZE',
    help: 'memory for all caches together: a third for answers, the rest for specialised templates; 0 keeps nothing',
    parse: parseBytesOrNone,
    defaultText: '48Mi',
  },
  warnings: {
    placeholder: 'on|off',
    help: 'answer with warnings about labels and annotations, which kubectl prints',
    parse: parseChoice(['on', 'off']),
    defaultText: 'on',
  },
  ...CAPTURE_OPTIONS,
  'log-level': {
    placeholder: LOG_LEVELS.join('|'),
    help: 'how much is logged',
    parse: parseChoice(LOG_LEVELS),
    defaultText: 'info',
  },
  help: HELP,
} as const satisfies OptionTable

export const INJECT_OPTIONS = {
  filename: {
    placeholder: 'FILE|-',
    short: 'f',
    help: 'manifests to inject (YAML or JSON), - for standard input',
    parse: parseText,
    required: true,
  },
  cluster: CLUSTER,
  revision: {
    placeholder: 'REV',
    help: 'revision or tag to inject with; without it the labels of namespace and pod decide',
    parse: parseRevision,
  },
  namespace: {
    placeholder: 'NAME',
    short: 'n',
    help: 'namespace of manifests that name none',
    parse: parseText,
    defaultText: 'default',
  },
  output: outputOption('yaml', 'json'),
  ...CLUSTER_OPTIONS,
  help: HELP,
} as const satisfies OptionTable

export const EXPLAIN_OPTIONS = {
  cluster: { ...CLUSTER, required: false },
  filename: {
    placeholder: 'FILE|-',
    short: 'f',
    help: 'pod, workload or AdmissionReview to explain instead of one of the cluster; - for standard input',
    parse: parseText,
  },
  namespace: {
    placeholder: 'NAME',
    short: 'n',
    help: 'namespace of what names none',
    parse: parseText,
    defaultText: 'default',
  },
  fields: {
    placeholder: '',
    help: 'tell of each injected field where it comes from (not for a namespace)',
    parse: parseFlag,
  },
  output: outputOption('text', 'json'),
  ...CLUSTER_OPTIONS,
  help: HELP,
} as const satisfies OptionTable

export const CHECK_OPTIONS = {
  cluster: CLUSTER,
  revision: {
    placeholder: 'REV',
    help: 'revision or tag that is about to serve: only what is about it is told, and every workload must come out well under it',
    parse: parseRevision,
  },
  'fail-on': {
    placeholder: 'error|warning',
    help: 'from which severity on the exit code is 1',
    parse: parseChoice(['error', 'warning']),
    defaultText: 'error',
  },
  output: outputOption('text', 'json'),
  json: JSON_FLAG,
  ...CLUSTER_OPTIONS,
  help: HELP,
} as const satisfies OptionTable

export const COMPLETION_OPTIONS = { help: HELP } as const satisfies OptionTable

export const VERSION_OPTIONS = {
  cluster: { ...CLUSTER, required: false, help: `${CLUSTER.help}; its revisions are printed too` },
  output: outputOption('text', 'json'),
  ...CLUSTER_OPTIONS,
  help: HELP,
} as const satisfies OptionTable

export const REPLAY_OPTIONS = {
  cluster: {
    ...CLUSTER,
    required: false,
    help: 'replay under the configuration of this cluster instead of the captured one',
  },
  server: {
    placeholder: 'URL',
    help: 'send the reviews to this webhook (https) and compare its answers with the outcomes here',
    parse: parseText,
  },
  ca: {
    placeholder: 'FILE',
    help: 'CAs (PEM) that the certificate of --server is verified with',
    parse: parseText,
  },
  record: {
    placeholder: 'DIR',
    help: 'write the answers of --server there as recorded cases, unredacted; --cluster is the cluster that the server serves',
    parse: parseText,
  },
  revision: {
    placeholder: 'REV',
    help: 'with --record: the revision that --server serves; not needed where the cluster has one only',
    parse: parseRevision,
  },
  only: { placeholder: 'ID', help: 'replay this review only', parse: parseText },
  output: outputOption('text', 'json'),
  json: JSON_FLAG,
  ...CLUSTER_OPTIONS,
  help: HELP,
} as const satisfies OptionTable

export const DIFF_OPTIONS = {
  output: outputOption('text', 'json'),
  help: HELP,
} as const satisfies OptionTable

export type ReplayOptions = Values<typeof REPLAY_OPTIONS>
export type ServeOptions = Values<typeof SERVE_OPTIONS>
export type InjectOptions = Values<typeof INJECT_OPTIONS>
export type CheckOptions = Values<typeof CHECK_OPTIONS>
export type ExplainOptions = Values<typeof EXPLAIN_OPTIONS>
export type VersionOptions = Values<typeof VERSION_OPTIONS>
export type DiffOptions = Values<typeof DIFF_OPTIONS>
/** The options that server and offline commands share. */
export type ClusterOptions = Values<typeof CLUSTER_OPTIONS>
