/** Responsible for: the options about configurations that outlive the process, and what they mean together. */
import type { OptionTable, Values } from './option.ts'
import { OptionError } from './option-error.ts'
import { type ObjectName, parseDurationMs, parseObjectName, parseObjectNames } from './units.ts'

export const LAST_GOOD_OPTIONS = {
  'last-good-secrets': {
    placeholder: 'NAMESPACE/NAME,...',
    help: 'Secrets that keep the last good configuration of each revision for replicas that start later; they must exist',
    parse: parseObjectNames,
  },
  'heartbeat-secret': {
    placeholder: 'NAMESPACE/NAME',
    help: 'the Secret in which replicas tell each other which revisions they serve, for --last-good-secrets; it must exist',
    parse: parseObjectName,
  },
  'last-good-wait': {
    placeholder: 'DURATION',
    help: 'how long a new replica stays unready while another one serves a revision that the new one cannot build',
    parse: parseDurationMs,
    defaultText: '5m',
  },
} as const satisfies OptionTable

export type LastGoodOptionValues = Values<typeof LAST_GOOD_OPTIONS>

export interface LastGoodPlan {
  readonly secrets: readonly ObjectName[]
  readonly heartbeatSecret: ObjectName
  readonly waitMs: number
}

/**
 * Undefined: nothing is kept.
 * @throws OptionError `option-missing`, `option-invalid`
 */
export function planLastGood(
  options: LastGoodOptionValues & { readonly cluster: string },
): LastGoodPlan | undefined {
  const {
    'last-good-secrets': secrets,
    'heartbeat-secret': heartbeatSecret,
    'last-good-wait': waitMs,
  } = options
  if (secrets === undefined && heartbeatSecret === undefined) return undefined
  if (secrets === undefined || heartbeatSecret === undefined) {
    const missing = secrets === undefined ? '--last-good-secrets' : '--heartbeat-secret'
    throw new OptionError(
      'option-missing',
      `--last-good-secrets and --heartbeat-secret go together: ${missing} is missing`,
    )
  }
  if (options.cluster !== 'live') {
    throw new OptionError('option-invalid', '--last-good-secrets is for --cluster=live only')
  }
  if (
    secrets.some((one) => one.namespace === heartbeatSecret.namespace && one.name === heartbeatSecret.name)
  ) {
    throw new OptionError('option-invalid', '--heartbeat-secret must not be one of --last-good-secrets')
  }
  return { secrets, heartbeatSecret, waitMs }
}
