/** The options of `remora rollout`. */
import { CLUSTER_TO_READ, COMMAND_CLUSTER_OPTIONS, HELP, KUBECONFIG_OPTIONS } from './command-options.ts'
import type { OptionTable, Values } from './option.ts'
import { outputOption } from './output-options.ts'
import { parsePercent, parsePercents, parseRevision, parseText } from './units.ts'

export const ROLLOUT_OPTIONS = {
  from: {
    placeholder: 'REV',
    help: 'plan: the revision or tag whose workloads move; a tag, if there are both',
    parse: parseRevision,
  },
  to: { placeholder: 'REV', help: 'plan: the revision that they get', parse: parseRevision },
  steps: {
    placeholder: 'PERCENT,...',
    help: 'plan: the percentages that `continue` sets one after the other',
    parse: parsePercents,
    defaultText: '5,25,100',
  },
  name: {
    placeholder: 'NAME',
    help: 'plan: the name of the rollout, which also decides which workloads come first; default: to-<REV>',
    parse: parseText,
  },
  percent: {
    placeholder: 'PERCENT',
    help: 'continue, back: set this percentage instead of the next step, or of 0',
    parse: parsePercent,
  },
  cluster: CLUSTER_TO_READ,
  ...KUBECONFIG_OPTIONS,
  output: outputOption('text', 'json'),
  ...COMMAND_CLUSTER_OPTIONS,
  help: HELP,
} as const satisfies OptionTable

export type RolloutOptions = Values<typeof ROLLOUT_OPTIONS>
