/** Codes of stored configurations (revisions/last-good, cluster/last-good). None is an answer to a review. Part of the table in codes.ts. */
import { configError, configWarning } from './code-entry.ts'

export const lastGoodCodes = {
  'kept-configuration-served': configError(
    'A ConfigMap is invalid, and this replica has loaded no valid one since it started. It serves the configuration that earlier replicas stored in a Secret.',
    'Correct the ConfigMap as the other problem of the revision says.',
  ),
  'kept-configuration-invalid': configError(
    'A key in a Secret of `--last-good-secrets` or `--heartbeat-secret` was not written by Remora, or its configuration is invalid. The key is ignored.',
    'Remove the key that the message names, and find out who wrote it.',
  ),
  'kept-configuration-too-large': configError(
    'A configuration is too large to be stored, so it does not survive a restart of all replicas.',
    'Shorten it. The message has its size and the limit.',
  ),
  'kept-configuration-not-stored': configError(
    'A configuration does not fit into the Secrets of `--last-good-secrets`, so it does not survive a restart of all replicas.',
    'Raise the chart value `lastGood.secrets`, or remove unused revisions.',
  ),
  'kept-configuration-displaced': configWarning(
    'The stored configuration of a revision without a webhook configuration or tag was removed to make space for a revision that has one.',
    'Raise the chart value `lastGood.secrets`, or remove unused revisions.',
  ),
  'last-good-secret-missing': configError(
    'A Secret of `--last-good-secrets` or `--heartbeat-secret` does not exist, so its content does not survive a restart of all replicas.',
    'Create it with the chart (`lastGood.enabled`) or with `kubectl create secret generic`.',
  ),
  'last-good-unavailable': configError(
    'The Secrets of `--last-good-secrets` or `--heartbeat-secret` cannot be read or written. Remora tries again.',
    'Allow the service account to `get` and `patch` these Secrets, as the chart does.',
  ),
} as const
