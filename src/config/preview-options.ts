/** The options of `remora preview`. */
import { PREVIEW_KINDS, type PreviewKind } from '../analysis/index.ts'
import { CLUSTER, CLUSTER_OPTIONS, HELP } from './command-options.ts'
import type { OptionTable, Values } from './option.ts'
import { JSON_FLAG, outputOption } from './output-options.ts'
import { parseChoices, parseRevision, parseText } from './units.ts'

// The keys of a table of its own.
const previewKinds = Object.keys(PREVIEW_KINDS) as readonly PreviewKind[]

export const PREVIEW_OPTIONS = {
  to: {
    placeholder: 'REV',
    help: 'revision or tag to move to',
    parse: parseRevision,
    required: true,
  },
  from: {
    placeholder: 'REV',
    help: 'compare with this revision or tag instead of what the labels choose now',
    parse: parseRevision,
  },
  cluster: CLUSTER,
  filename: {
    placeholder: 'FILE|-',
    short: 'f',
    help: 'preview the pods, workloads and AdmissionReviews of this file instead of those of the cluster; - for standard input',
    parse: parseText,
  },
  namespace: {
    placeholder: 'NAME',
    short: 'n',
    help: 'only this namespace, moved whatever its labels say; with -f also the namespace of what names none',
    parse: parseText,
  },
  'fail-on': {
    placeholder: 'KIND[,KIND]',
    help: `exit with 1 where any of these is found: ${previewKinds.join(', ')}`,
    parse: parseChoices(previewKinds),
  },
  output: outputOption('text', 'json', 'html'),
  // From before there was `-o html`: the page goes to a file, beside the text.
  html: {
    placeholder: 'FILE',
    help: 'also write the preview as an HTML page to this file',
    parse: parseText,
    hidden: true,
  },
  json: JSON_FLAG,
  ...CLUSTER_OPTIONS,
  help: HELP,
} as const satisfies OptionTable

export type PreviewOptions = Values<typeof PREVIEW_OPTIONS>
