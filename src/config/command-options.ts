/** The options that several commands share. schema.ts says which command has which. */
import {
  DEFAULT_MAX_ALLOCATED,
  DEFAULT_MAX_DEPTH,
  DEFAULT_MAX_OUTPUT,
  DEFAULT_MAX_STEPS,
} from '../gotemplate/index.ts'
import { DEFAULT_SNAPSHOT_LIMITS } from '../revisions/index.ts'
import type { Option, OptionTable } from './option.ts'
import {
  parseBytes,
  parseDryRun,
  parseFlag,
  parseInteger,
  parseNamespaces,
  parseRevisionEnv,
  parseRevisionVersion,
  parseSelector,
  parseText,
} from './units.ts'

const budget = parseInteger(1, 1_000_000_000)

/** They affect injection, and are the same for the server and the offline commands. */
export const CLUSTER_OPTIONS = {
  'istiod-env': {
    placeholder: '[REV:]NAME=VALUE',
    help: 'environment variable of the control plane of one revision or of all; overrides the istiod Deployment',
    parse: parseRevisionEnv,
    repeatable: true,
    secret: true,
  },
  'istio-version': {
    placeholder: '[REV:]X.Y.Z',
    help: 'Istio version of one revision or of all; by default derived from the ConfigMaps',
    parse: parseRevisionVersion,
    repeatable: true,
  },
  'istio-namespaces': {
    placeholder: 'NAME,...',
    help: 'trusted namespaces of control planes; ConfigMaps and Services in other namespaces define revisions and tags only if an Istio webhook configuration of the revision or tag names the namespace',
    parse: parseNamespaces,
    defaultText: 'istio-system',
  },
  'istio-namespaces-only': {
    placeholder: '',
    help: 'read ConfigMaps, Services and Deployments only in these namespaces; for permissions granted by Roles instead of a ClusterRole',
    parse: parseFlag,
    defaultText: 'false',
  },
  'label-revision': {
    placeholder: '',
    help: 'add the label istio.io/rev=<revision> to injected pods without one',
    parse: parseFlag,
    defaultText: 'false',
  },
  'max-revisions': {
    placeholder: 'N',
    help: 'maximum number of revisions; revisions in use stay, later ones are rejected',
    parse: parseInteger(1, 1_000),
    defaultText: String(DEFAULT_SNAPSHOT_LIMITS.maxRevisions),
  },
  'max-tags': {
    placeholder: 'N',
    help: 'maximum number of revision tags',
    parse: parseInteger(0, 100_000),
    defaultText: String(DEFAULT_SNAPSHOT_LIMITS.maxTags),
  },
  'max-configuration-bytes': {
    placeholder: 'SIZE',
    help: "maximum size of one revision's ConfigMaps",
    parse: parseBytes,
    defaultText: sizeText(DEFAULT_SNAPSHOT_LIMITS.maxConfigurationBytes),
  },
  'configuration-memory': {
    placeholder: 'SIZE',
    help: 'maximum estimated memory of the configurations of all revisions; one revision may use a quarter of it',
    parse: parseBytes,
    defaultText: sizeText(DEFAULT_SNAPSHOT_LIMITS.configurationMemoryBytes),
  },
  'template-max-steps': {
    placeholder: 'N',
    help: 'maximum number of template commands and iterations per pod',
    parse: budget,
    defaultText: String(DEFAULT_MAX_STEPS),
  },
  'template-max-output': {
    placeholder: 'SIZE',
    help: 'maximum template output per pod',
    parse: parseBytes,
    defaultText: sizeText(DEFAULT_MAX_OUTPUT),
  },
  'template-max-allocated': {
    placeholder: 'SIZE',
    help: 'maximum size of the intermediate text of template functions per pod',
    parse: parseBytes,
    defaultText: sizeText(DEFAULT_MAX_ALLOCATED),
  },
  'template-max-depth': {
    placeholder: 'N',
    help: 'maximum nesting of templates and blocks',
    parse: parseInteger(1, DEFAULT_MAX_DEPTH),
    defaultText: String(DEFAULT_MAX_DEPTH),
  },
} as const satisfies OptionTable

export const CLUSTER = {
  placeholder: 'DIR|live',
  help: 'the cluster to read: a folder of Kubernetes manifests (namespaces, ConfigMaps, nodes, webhooks), or "live" for the cluster that kubectl uses',
  parse: parseText,
  required: true,
} as const satisfies Option<string>

/** For commands that read a cluster once: like kubectl, they use the live cluster if none is named. */
export const CLUSTER_TO_READ = {
  placeholder: 'DIR|live',
  help: 'the cluster to read: "live" for the cluster that kubectl uses, or a folder of Kubernetes manifests (namespaces, ConfigMaps, nodes, webhooks)',
  parse: parseText,
  defaultText: 'live',
} as const satisfies Option<string>

/** What kubectl calls the same. */
export const KUBECONFIG_OPTIONS = {
  kubeconfig: {
    placeholder: 'FILE',
    help: 'with --cluster live: the kubeconfig; by default $KUBECONFIG or ~/.kube/config',
    parse: parseText,
  },
  context: {
    placeholder: 'CONTEXT',
    help: 'with --cluster live: the context of the kubeconfig; by default its current context',
    parse: parseText,
  },
} as const satisfies OptionTable

/** As kubectl spells it. */
export const DRY_RUN = {
  placeholder: 'none|server',
  help: 'server: with --cluster live, the API server also judges each injected pod; it needs your permission to create pods, and stores nothing',
  parse: parseDryRun,
  defaultText: 'none',
} as const satisfies Option<'none' | 'server'>

/** Workloads, chosen as with kubectl. */
export const WORKLOAD_OPTIONS = {
  'all-namespaces': {
    placeholder: '',
    short: 'A',
    help: 'the workloads of all namespaces',
    parse: parseFlag,
  },
  selector: {
    placeholder: 'SELECTOR',
    short: 'l',
    help: 'only workloads whose pods have these labels: app=web,tier!=db,env in (a,b)',
    parse: parseSelector,
  },
} as const satisfies OptionTable

type Advanced<S extends OptionTable> = { readonly [F in keyof S]: S[F] & { readonly advanced: true } }

function advanced<const S extends OptionTable>(table: S): Advanced<S> {
  const rows = Object.entries(table).map(([flag, option]) => [flag, { ...option, advanced: true }])
  // The same keys and options, each with one field more.
  return Object.fromEntries(rows) as Advanced<S>
}

/** The options of the cluster in commands, where few people need them. */
export const COMMAND_CLUSTER_OPTIONS = advanced(CLUSTER_OPTIONS)

/** The commands that ask a running server have it too. */
export const METRICS_PORT = {
  placeholder: 'PORT',
  help: 'port for /healthz, /readyz and /metrics (plain HTTP); 0 selects a free port',
  parse: parseInteger(0, 65_535),
  defaultText: '9090',
} as const satisfies Option<number>

/** The help differs between server and client. */
export const ADMIN_SOCKET = {
  placeholder: 'FILE',
  help: '',
  parse: parseText,
} as const satisfies Option<string>

export const HELP = {
  placeholder: '',
  short: 'h',
  help: 'print this help',
  parse: parseFlag,
} as const satisfies Option<boolean>

function sizeText(bytes: number): string {
  return bytes % 2 ** 20 === 0 ? `${bytes / 2 ** 20}Mi` : String(bytes)
}
