/** The options of the commands that ask a running server: `remora status` and `remora admin`. */
import { STATES, type StateCode } from '../dataplane/index.ts'
import { CAPTURE_FILTER_OPTIONS, CAPTURE_OPTIONS } from './capture-options.ts'
import {
  ADMIN_SOCKET,
  CLUSTER,
  COMMAND_CLUSTER_OPTIONS,
  HELP,
  KUBECONFIG_OPTIONS,
  METRICS_PORT,
} from './command-options.ts'
import type { OptionTable, Values } from './option.ts'
import { JSON_FLAG, outputOption } from './output-options.ts'
import { parseChoices, parseFlag, parseRevision, parseText } from './units.ts'

/** They select the server. */
const ASKED_SERVER = {
  'admin-socket': {
    ...ADMIN_SOCKET,
    help: 'Unix socket of the server; default: the socket of a server with this --metrics-port',
  },
  'metrics-port': {
    ...METRICS_PORT,
    help: "the server's port for probes and metrics; its default socket has this number in its name",
  },
} as const satisfies OptionTable

export const ADMIN_OPTIONS = {
  capture: {
    ...CAPTURE_OPTIONS.capture,
    help: 'the --capture folder of the server; its socket is used instead of the admin socket',
  },
  ...ASKED_SERVER,
  ...CAPTURE_FILTER_OPTIONS,
  output: outputOption('text', 'json'),
  json: JSON_FLAG,
  help: HELP,
} as const satisfies OptionTable

// The table has no other keys.
const states = Object.keys(STATES) as readonly StateCode[]

export const STATUS_OPTIONS = {
  ...ASKED_SERVER,
  cluster: {
    ...CLUSTER,
    required: false,
    help: 'instead of asking a server, compare the running pods of this cluster with what new pods would get: "live" for the cluster that kubectl uses, or a folder of manifests',
  },
  namespace: {
    placeholder: 'NAMESPACE',
    short: 'n',
    help: 'with --cluster: only this namespace',
    parse: parseText,
  },
  'all-namespaces': {
    placeholder: '',
    short: 'A',
    help: 'with --cluster: all namespaces (the default)',
    parse: parseFlag,
  },
  revision: {
    placeholder: 'REV',
    help: 'with --cluster: only workloads that have this revision or would get it',
    parse: parseRevision,
  },
  workloads: {
    placeholder: '',
    help: 'with --cluster: list all workloads, not only those that need action',
    parse: parseFlag,
  },
  pods: { placeholder: '', help: 'with --cluster: list pods instead of workloads', parse: parseFlag },
  stale: { placeholder: '', help: 'with --cluster: list only stale workloads or pods', parse: parseFlag },
  findings: {
    placeholder: '',
    help: 'with --cluster: false leaves out the codes that remora check reports for each workload and pod',
    parse: parseFlag,
  },
  'fail-on': {
    placeholder: 'STATE[,STATE]',
    help: `with --cluster: exit with 1 if any pod is in one of these states: ${states.join(', ')}`,
    parse: parseChoices(states),
  },
  output: outputOption('text', 'json', 'wide', 'name'),
  ...KUBECONFIG_OPTIONS,
  ...COMMAND_CLUSTER_OPTIONS,
  help: HELP,
} as const satisfies OptionTable

export type StatusOptions = Values<typeof STATUS_OPTIONS>
export type AdminOptions = Values<typeof ADMIN_OPTIONS>
