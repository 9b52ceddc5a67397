/** Codes of kept configurations (revisions/last-good, cluster/last-good). None is an answer to a review. Part of the table in codes.ts. */
import { configError, configWarning } from './code-entry.ts'

export const lastGoodCodes = {
  'kept-configuration-served': configError(
    'A ConfigMap does not build, and this replica has not built one since it started; the configuration that earlier replicas kept in a Secret is served.',
    'Correct the ConfigMap as the problem beside this one says.',
  ),
  'kept-configuration-invalid': configError(
    'Something in a Secret of `--last-good-secrets` or `--heartbeat-secret` is not what Remora writes there, or does not build; it is ignored.',
    'Remove the key that the message names, and find out what wrote it.',
  ),
  'kept-configuration-too-large': configError(
    'A configuration is larger than what is kept, so it does not outlive the replicas.',
    'Make it smaller; the message names its size and the limit.',
  ),
  'kept-configuration-not-stored': configError(
    'There is no space for a configuration in the Secrets of `--last-good-secrets`, so it does not outlive the replicas.',
    'Raise the chart value `lastGood.secrets`, or remove revisions that are not used.',
  ),
  'kept-configuration-displaced': configWarning(
    'The kept configuration of a revision that no webhook configuration and no tag names was removed to make space for one that is named.',
    'Raise the chart value `lastGood.secrets`, or remove revisions that are not used.',
  ),
  'last-good-secret-missing': configError(
    'A Secret of `--last-good-secrets` or `--heartbeat-secret` does not exist; what it would hold does not outlive the replicas.',
    'Let the chart render it (`lastGood.enabled`), or create it by `kubectl create secret generic`.',
  ),
  'last-good-unavailable': configError(
    'The Secrets of `--last-good-secrets` or `--heartbeat-secret` cannot be read or written; it is tried again.',
    'Give the service account `get` and `patch` on the Secrets by their names, as the chart does.',
  ),
} as const
