/** The options of `remora rollout`. */
import { CLUSTER_TO_READ, COMMAND_CLUSTER_OPTIONS, HELP, KUBECONFIG_OPTIONS } from './command-options.ts'
import type { OptionTable, Values } from './option.ts'
import { outputOption } from './output-options.ts'
import { parsePercent, parsePercents, parseRevision, parseText } from './units.ts'

export const ROLLOUT_OPTIONS = {
  from: {
    placeholder: 'REV',
    help: 'plan: the revision or tag whose workloads move (required); if a revision and a tag have this name, the tag is used',
    parse: parseRevision,
  },
  to: { placeholder: 'REV', help: 'plan: the revision that they move to (required)', parse: parseRevision },
  steps: {
    placeholder: 'PERCENT,...',
    help: 'plan: the sequence of percentages that `continue` steps through',
    parse: parsePercents,
    defaultText: '5,25,100',
  },
  name: {
    placeholder: 'NAME',
    help: 'plan: the name of the rollout, which also determines which workloads move first; default: to-<REV>',
    parse: parseText,
  },
  percent: {
    placeholder: 'PERCENT',
    help: 'continue, back: the percentage to set, instead of the next step (continue) or 0 (back)',
    parse: parsePercent,
  },
  cluster: CLUSTER_TO_READ,
  ...KUBECONFIG_OPTIONS,
  output: outputOption('text', 'json'),
  ...COMMAND_CLUSTER_OPTIONS,
  help: HELP,
} as const satisfies OptionTable

export type RolloutOptions = Values<typeof ROLLOUT_OPTIONS>
