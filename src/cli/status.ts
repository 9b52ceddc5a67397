/** `remora status`: the state of a running server, asked over its admin socket, or with --cluster the pods of a cluster. */
import { askAdmin, defaultSocketPath } from '../admin/index.ts'
import { OptionError, STATUS_OPTIONS, type StatusOptions } from '../config/index.ts'
import { own } from '../json/index.ts'
import { defineCommand } from './command.ts'
import { showDataplane } from './dataplane-status.ts'
import { EXIT } from './exit-codes.ts'
import { choosePaint } from './paint.ts'
import { statusText } from './status-text.ts'
import { jsonData } from './text.ts'

/** Without --cluster they would be ignored, and a pipeline with --fail-on would pass by mistake. */
const NEED_CLUSTER = [
  'namespace',
  'all-namespaces',
  'revision',
  'workloads',
  'pods',
  'stale',
  'findings',
  'fail-on',
  'kubeconfig',
  'context',
] as const

export const statusCommand = defineCommand({
  name: 'status',
  summary: 'print the state of a running server, or with --cluster which pods are stale, missing or current',
  options: STATUS_OPTIONS,
  exitCodes: {
    success: 'the server is ready; with --cluster: no pod is in a state that --fail-on names',
    negative: 'the server is not ready; with --cluster: at least one pod is in such a state',
  },
  async run({ options, io }) {
    if (options.cluster !== undefined) return showDataplane(options, options.cluster, io)
    const unused = needsCluster(options)
    if (unused !== undefined)
      throw new OptionError(
        'option-missing',
        `${unused} needs --cluster: "live" for the cluster that kubectl uses, or a folder of manifests; without it, status asks a running server for its own state`,
      )
    const path = options['admin-socket'] ?? defaultSocketPath(options['metrics-port'])
    const state = await askAdmin(path, { about: 'server' })
    io.out(options.output === 'json' ? jsonData(state, 2) : statusText(state, choosePaint(io)))
    return own(state, 'ready') === true ? EXIT.success : EXIT.negative
  },
})

/** The first option that says something about a cluster, as it is typed. */
function needsCluster(options: StatusOptions): string | undefined {
  const option = NEED_CLUSTER.find((name) => options[name] !== undefined && options[name] !== false)
  if (option !== undefined) return `--${option}`
  const { output } = options
  return output === 'wide' || output === 'name' ? `--output ${output}` : undefined
}
