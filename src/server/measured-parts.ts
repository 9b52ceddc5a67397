/** Owns: which of the server's parts the metrics are read from. Not here: the metrics (src/observe). */
import type { CertificateSource } from '../certs/index.ts'
import type { CaBundles, Cluster } from '../cluster/index.ts'
import { templateCounts } from '../inject/index.ts'
import type { MetricSources } from '../observe/index.ts'

/** Asked when somebody reads the metrics. */
export function measuredParts(
  cluster: Pick<Cluster, 'snapshot' | 'status'>,
  certificates: Pick<CertificateSource, 'current' | 'overdueAtMs'>,
  caBundles: Pick<CaBundles, 'good'> | undefined,
): Pick<
  MetricSources,
  'resources' | 'revisions' | 'certificateNotAfterMs' | 'certificateOverdueAtMs' | 'caBundlesGood'
> {
  return {
    resources() {
      const { resources, staleForMs } = cluster.status()
      return resources ?? [{ resource: 'folder', staleForMs }]
    },
    revisions: () =>
      [...cluster.snapshot().revisions.values()].map(({ name, config, problem }) => ({
        name,
        config,
        current: config !== undefined && problem === undefined,
        templates: config && templateCounts(config),
      })),
    certificateNotAfterMs: () => onceLoaded(() => certificates.current().notAfterMs),
    certificateOverdueAtMs: () => onceLoaded(() => certificates.overdueAtMs()),
    caBundlesGood: () => caBundles?.good(),
  }
}

function onceLoaded(read: () => number): number | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
