/** The options of `remora preview`. */
import { PREVIEW_KINDS, type PreviewKind } from '../analysis/index.ts'
import {
  CLUSTER_TO_READ,
  COMMAND_CLUSTER_OPTIONS,
  DRY_RUN,
  HELP,
  KUBECONFIG_OPTIONS,
  WORKLOAD_OPTIONS,
} from './command-options.ts'
import type { OptionTable, Values } from './option.ts'
import { JSON_FLAG, outputOption } from './output-options.ts'
import { parseChoices, parseRevision, parseText } from './units.ts'

// The table has no other keys.
const previewKinds = Object.keys(PREVIEW_KINDS) as readonly PreviewKind[]

export const PREVIEW_OPTIONS = {
  to: {
    placeholder: 'REV',
    help: 'target revision or tag',
    parse: parseRevision,
    required: true,
  },
  from: {
    placeholder: 'REV',
    help: 'compare with this revision or tag instead of the current ones',
    parse: parseRevision,
  },
  cluster: CLUSTER_TO_READ,
  filename: {
    placeholder: 'FILE|-',
    short: 'f',
    help: 'preview the pods, workloads and AdmissionReviews in this file instead of those in the cluster; - for standard input',
    parse: parseText,
  },
  namespace: {
    placeholder: 'NAMESPACE',
    short: 'n',
    help: 'preview only this namespace, regardless of its labels; with -f also the default namespace of manifests',
    parse: parseText,
  },
  ...WORKLOAD_OPTIONS,
  'fail-on': {
    placeholder: 'KIND[,KIND]',
    help: `exit with 1 if any workload is of one of these kinds: ${previewKinds.join(', ')}`,
    parse: parseChoices(previewKinds),
  },
  'dry-run': DRY_RUN,
  output: outputOption('text', 'json', 'html'),
  // The spelling before `-o html`: it writes the page to a file, in addition to the text.
  html: {
    placeholder: 'FILE',
    help: 'also write the preview as an HTML page to this file',
    parse: parseText,
    hidden: true,
  },
  json: JSON_FLAG,
  ...KUBECONFIG_OPTIONS,
  ...COMMAND_CLUSTER_OPTIONS,
  help: HELP,
} as const satisfies OptionTable

export type PreviewOptions = Values<typeof PREVIEW_OPTIONS>
