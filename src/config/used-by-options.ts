/** The options of `remora used-by`. */
import { CLUSTER_TO_READ, COMMAND_CLUSTER_OPTIONS, HELP, KUBECONFIG_OPTIONS } from './command-options.ts'
import type { OptionTable, Values } from './option.ts'
import { outputOption } from './output-options.ts'

export const USED_BY_OPTIONS = {
  cluster: CLUSTER_TO_READ,
  output: outputOption('text', 'json', 'wide', 'name'),
  ...KUBECONFIG_OPTIONS,
  ...COMMAND_CLUSTER_OPTIONS,
  help: HELP,
} as const satisfies OptionTable

export type UsedByOptions = Values<typeof USED_BY_OPTIONS>
