/** The options of each command; those of one subject are in `*-options.ts`. read.ts reads them, help.ts prints them. */

import { CAPTURE_OPTIONS } from './capture-options.ts'
import {
  ADMIN_SOCKET,
  CLUSTER,
  CLUSTER_OPTIONS,
  CLUSTER_TO_READ,
  COMMAND_CLUSTER_OPTIONS,
  DRY_RUN,
  HELP,
  KUBECONFIG_OPTIONS,
  METRICS_PORT,
  WORKLOAD_OPTIONS,
} from './command-options.ts'
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
    help: 'the cluster to watch: a folder of Kubernetes manifests, or "live" for the cluster that the server runs in (for a folder named live, write ./live)',
  },
  host: {
    placeholder: 'ADDRESS',
    help: 'address to listen on; use 0.0.0.0 or :: in a container',
    parse: parseText,
    defaultText: '127.0.0.1',
  },
  port: {
    placeholder: 'PORT',
    help: 'port of the webhook (HTTPS); 0 selects a free port',
    parse: port,
    defaultText: '9443',
  },
  'metrics-port': METRICS_PORT,
  'admin-socket': {
    ...ADMIN_SOCKET,
    help: 'Unix socket for remora status and remora admin, accessible only to the user of the server; default: a socket in the temporary folder with the --metrics-port in its name',
  },
  ...TLS_OPTIONS,
  ...CLUSTER_OPTIONS,
  ...CONNECTION_OPTIONS,
  ...LAST_GOOD_OPTIONS,
  'cache-bytes': {
    placeholder: 'SIZE',
    help: 'total memory of all caches: a third for responses, the rest for specialised templates; 0 disables the caches',
    parse: parseBytesOrNone,
    defaultText: '48Mi',
  },
  warnings: {
    placeholder: 'on|off',
    help: 'add warnings about labels and annotations to responses; kubectl prints them',
    parse: parseChoice(['on', 'off']),
    defaultText: 'on',
  },
  ...CAPTURE_OPTIONS,
  'log-level': {
    placeholder: LOG_LEVELS.join('|'),
    help: 'minimum level of log messages',
    parse: parseChoice(LOG_LEVELS),
    defaultText: 'info',
  },
  'log-format': {
    placeholder: 'auto|json|text',
    help: 'json: one JSON object per line; text: human-readable lines; auto: text on a terminal, else json',
    parse: parseChoice(['auto', 'json', 'text']),
    defaultText: 'auto',
  },
  help: HELP,
} as const satisfies OptionTable

export const INJECT_OPTIONS = {
  filename: {
    placeholder: 'FILE|-',
    short: 'f',
    help: 'manifests to inject (YAML or JSON); - for standard input',
    parse: parseText,
    required: true,
  },
  cluster: CLUSTER_TO_READ,
  revision: {
    placeholder: 'REV',
    help: 'revision or tag to use; by default the labels of namespace and pod select it',
    parse: parseRevision,
  },
  namespace: {
    placeholder: 'NAMESPACE',
    short: 'n',
    help: 'namespace of manifests without one',
    parse: parseText,
    defaultText: 'default',
  },
  'dry-run': DRY_RUN,
  output: outputOption('yaml', 'json'),
  ...KUBECONFIG_OPTIONS,
  ...COMMAND_CLUSTER_OPTIONS,
  help: HELP,
} as const satisfies OptionTable

export const EXPLAIN_OPTIONS = {
  cluster: CLUSTER_TO_READ,
  filename: {
    placeholder: 'FILE|-',
    short: 'f',
    help: 'explain the pod, workload or AdmissionReview in this file instead of one in the cluster; - for standard input',
    parse: parseText,
  },
  namespace: {
    placeholder: 'NAMESPACE',
    short: 'n',
    help: 'namespace of pods, workloads and manifests without one',
    parse: parseText,
    defaultText: 'default',
  },
  ...WORKLOAD_OPTIONS,
  fields: {
    placeholder: '',
    help: 'show the source of each injected field (not for a namespace)',
    parse: parseFlag,
  },
  all: {
    placeholder: '',
    help: 'also show the webhooks, rules and conditions that do not match (not for a namespace)',
    parse: parseFlag,
  },
  'dry-run': DRY_RUN,
  output: outputOption('text', 'json'),
  ...KUBECONFIG_OPTIONS,
  ...COMMAND_CLUSTER_OPTIONS,
  help: HELP,
} as const satisfies OptionTable

export const CHECK_OPTIONS = {
  cluster: CLUSTER_TO_READ,
  revision: {
    placeholder: 'REV',
    help: 'check a revision or tag before it is used: report only its findings, and test all workloads with it',
    parse: parseRevision,
  },
  'fail-on': {
    placeholder: 'error|warning',
    help: 'exit with 1 if there is a finding of this severity or above',
    parse: parseChoice(['error', 'warning']),
    defaultText: 'error',
  },
  'dry-run': DRY_RUN,
  output: outputOption('text', 'json'),
  json: JSON_FLAG,
  ...KUBECONFIG_OPTIONS,
  ...COMMAND_CLUSTER_OPTIONS,
  help: HELP,
} as const satisfies OptionTable

/** Of the line that is completed: what names the cluster and the namespace. */
export const COMPLETE_OPTIONS = {
  cluster: CLUSTER_TO_READ,
  namespace: { placeholder: 'NAMESPACE', short: 'n', help: '', parse: parseText, defaultText: 'default' },
  ...KUBECONFIG_OPTIONS,
  ...COMMAND_CLUSTER_OPTIONS,
} as const satisfies OptionTable

export const COMPLETION_OPTIONS = { help: HELP } as const satisfies OptionTable

export const VERSION_OPTIONS = {
  cluster: { ...CLUSTER, required: false, help: `${CLUSTER.help}; its revisions are printed too` },
  output: outputOption('text', 'json'),
  ...KUBECONFIG_OPTIONS,
  ...COMMAND_CLUSTER_OPTIONS,
  help: HELP,
} as const satisfies OptionTable

export const REPLAY_OPTIONS = {
  cluster: {
    ...CLUSTER,
    required: false,
    help: 'replay with the configuration of this cluster instead of the captured one',
  },
  server: {
    placeholder: 'URL',
    help: 'send the reviews to this webhook (https) and compare its responses with the results of this Remora',
    parse: parseText,
  },
  ca: {
    placeholder: 'FILE',
    help: 'CAs (PEM) to verify the certificate of --server with',
    parse: parseText,
  },
  record: {
    placeholder: 'DIR',
    help: 'write the responses of --server to this folder as recorded cases, without redaction; --cluster must be the cluster of that server',
    parse: parseText,
  },
  revision: {
    placeholder: 'REV',
    help: 'with --record: the revision that --server serves; optional if the cluster has only one',
    parse: parseRevision,
  },
  only: { placeholder: 'ID', help: 'replay only this review', parse: parseText },
  output: outputOption('text', 'json'),
  json: JSON_FLAG,
  ...KUBECONFIG_OPTIONS,
  ...COMMAND_CLUSTER_OPTIONS,
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
