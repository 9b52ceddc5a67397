/** Connects the metrics to the parts of the server that they read. */
import type { CaBundles, Cluster } from '../cluster/index.ts'
import { describeCode, type Severity, type TemplateCounts, whyNotServing } from '../inject/index.ts'
import type { MetricSources } from '../observe/index.ts'
import { formatPercent } from '../rollout/index.ts'
import { currentProblems, type ProblemSources } from './current-problems.ts'

export interface MeasuredParts extends ProblemSources {
  readonly cluster: Pick<Cluster, 'snapshot' | 'status'>
  readonly caBundles: Pick<CaBundles, 'good' | 'status'> | undefined
}

/** Read on a scrape. */
export function measuredParts(
  parts: MeasuredParts,
): Pick<
  MetricSources,
  | 'resources'
  | 'revisions'
  | 'rollouts'
  | 'problems'
  | 'ignoredDefinitions'
  | 'certificateNotAfterMs'
  | 'certificateOverdueAtMs'
  | 'caBundlesGood'
> {
  const { cluster, certificates, caBundles } = parts
  return {
    problems: () => currentProblems(parts, Date.now()).map(({ code }) => labelsOf(code)),
    resources() {
      const { resources, staleForMs } = cluster.status()
      return resources ?? [{ resource: 'folder', staleForMs }]
    },
    revisions() {
      const { revisions, calledFor = [] } = cluster.snapshot()
      const missing = [...calledFor].filter((name) => !revisions.has(name))
      return [
        ...[...revisions.values()].map(({ name, config, kept, problem }) => ({
          name,
          config,
          current: config !== undefined && problem === undefined,
          kept: kept !== undefined,
          templates: config && (config.cache?.counts ?? NO_TEMPLATES),
        })),
        // Reviews arrive for these, and an alert needs an existing series.
        ...missing.map((name) => ({ name, config: undefined, current: false })),
      ]
    },
    rollouts() {
      const snapshot = cluster.snapshot()
      return (snapshot.rollouts ?? []).map((facts) => ({
        name: facts.rollout.name,
        percent: Number(formatPercent(facts.rollout.slots)),
        serving: whyNotServing(facts, snapshot) === undefined,
      }))
    },
    ignoredDefinitions() {
      const { ignored = [] } = cluster.snapshot()
      const revision = ignored.filter(({ defines }) => defines === 'revision').length
      return { revision, tag: ignored.length - revision }
    },
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

const NO_TEMPLATES: TemplateCounts = { hits: 0, misses: 0 }

/** A code that is in no table would not be from a closed set. */
function labelsOf(code: string): { readonly code: string; readonly severity: Severity } {
  const row = describeCode(code)
  return { code: row === undefined ? 'config-invalid' : code, severity: row?.severity ?? 'error' }
}
