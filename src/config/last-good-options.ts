/** The options about stored configurations, and their combinations. */
import type { OptionTable, Values } from './option.ts'
import { OptionError } from './option-error.ts'
import { type ObjectName, parseDurationMs, parseObjectName, parseObjectNames } from './units.ts'

export const LAST_GOOD_OPTIONS = {
  'last-good-secrets': {
    placeholder: 'NAMESPACE/NAME,...',
    help: 'Secrets for the last valid configuration of each revision, which replicas that start later can use; they must exist',
    parse: parseObjectNames,
  },
  'heartbeat-secret': {
    placeholder: 'NAMESPACE/NAME',
    help: 'Secret in which replicas publish the revisions that they serve; required with --last-good-secrets; it must exist',
    parse: parseObjectName,
  },
  'last-good-wait': {
    placeholder: 'DURATION',
    help: 'how long a new replica stays unready if it cannot load a revision that another replica serves',
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
      `--last-good-secrets and --heartbeat-secret must be used together: ${missing} is missing`,
    )
  }
  if (options.cluster !== 'live') {
    throw new OptionError('option-invalid', '--last-good-secrets needs --cluster=live')
  }
  if (
    secrets.some((one) => one.namespace === heartbeatSecret.namespace && one.name === heartbeatSecret.name)
  ) {
    throw new OptionError('option-invalid', '--heartbeat-secret must not be one of --last-good-secrets')
  }
  return { secrets, heartbeatSecret, waitMs }
}
