/**
 * Owns: the options that several commands share: which cluster, what decides about injection there, help and JSON. Not
 * here: which command has which (schema.ts).
 */
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
  parseFlag,
  parseInteger,
  parseNamespaces,
  parseRevisionEnv,
  parseRevisionVersion,
  parseText,
} from './units.ts'

const budget = parseInteger(1, 1_000_000_000)

/** What decides about injection: the same for the server and for the offline commands. */
export const CLUSTER_OPTIONS = {
  'istiod-env': {
    placeholder: '[REV:]NAME=VALUE',
    help: "environment of the control plane, of one revision or of all; wins over the istiod Deployment's",
    parse: parseRevisionEnv,
    repeatable: true,
    secret: true,
  },
  'istio-version': {
    placeholder: '[REV:]X.Y.Z',
    help: "Istio's version, of one revision or of all; else told from the ConfigMaps",
    parse: parseRevisionVersion,
    repeatable: true,
  },
  'istio-namespaces': {
    placeholder: 'NAME,...',
    help: 'namespaces of control planes: only there ConfigMaps and Services define revisions and tags, and where an Istio webhook configuration names another for one of them',
    parse: parseNamespaces,
    defaultText: 'istio-system',
  },
  'istio-namespaces-only': {
    placeholder: '',
    help: 'read ConfigMaps, Services and Deployments of no other namespace, for rights by namespace',
    parse: parseFlag,
    defaultText: 'false',
  },
  'label-revision': {
    placeholder: '',
    help: 'label injected pods istio.io/rev=<revision>, where they have no such label yet',
    parse: parseFlag,
    defaultText: 'false',
  },
  'max-revisions': {
    placeholder: 'N',
    help: 'revisions taken in; those that serve stay, and later ones are refused',
    parse: parseInteger(1, 1_000),
    defaultText: String(DEFAULT_SNAPSHOT_LIMITS.maxRevisions),
  },
  'max-tags': {
    placeholder: 'N',
    help: 'revision tags taken in',
    parse: parseInteger(0, 100_000),
    defaultText: String(DEFAULT_SNAPSHOT_LIMITS.maxTags),
  },
  'max-configuration-bytes': {
    placeholder: 'SIZE',
    help: "text that one revision's ConfigMaps may hold",
    parse: parseBytes,
    defaultText: sizeText(DEFAULT_SNAPSHOT_LIMITS.maxConfigurationBytes),
  },
  'configuration-memory': {
    placeholder: 'SIZE',
    help: 'estimated memory that the configurations of all revisions may take, a quarter of it for one',
    parse: parseBytes,
    defaultText: sizeText(DEFAULT_SNAPSHOT_LIMITS.configurationMemoryBytes),
  },
  'template-max-steps': {
    placeholder: 'N',
    help: 'evaluated commands and iterations that the templates of one pod may take',
    parse: budget,
    defaultText: String(DEFAULT_MAX_STEPS),
  },
  'template-max-output': {
    placeholder: 'SIZE',
    help: 'text that the templates of one pod may write',
    parse: parseBytes,
    defaultText: sizeText(DEFAULT_MAX_OUTPUT),
  },
  'template-max-allocated': {
    placeholder: 'SIZE',
    help: 'text that their functions may build on the way',
    parse: parseBytes,
    defaultText: sizeText(DEFAULT_MAX_ALLOCATED),
  },
  'template-max-depth': {
    placeholder: 'N',
    help: 'nesting of templates and their blocks',
    parse: parseInteger(1, DEFAULT_MAX_DEPTH),
    defaultText: String(DEFAULT_MAX_DEPTH),
  },
} as const satisfies OptionTable

export const CLUSTER = {
  placeholder: 'DIR|live',
  help: 'the cluster: a folder of Kubernetes manifests (namespaces, ConfigMaps, nodes, webhooks), or live for the one that kubectl uses',
  parse: parseText,
  required: true,
} as const satisfies Option<string>

/** Named for serve; the commands that ask a running server take it, too. */
export const METRICS_PORT = {
  placeholder: 'PORT',
  help: 'port of /healthz, /readyz and /metrics (plain HTTP); 0 takes a free one',
  parse: parseInteger(0, 65_535),
  defaultText: '9090',
} as const satisfies Option<number>

/** What it is for differs between those who listen and those who ask. */
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
