/** Reads a folder with a cluster as the commands do. Not a test. */
import type { ClusterFacts } from '../../../src/analysis/index.ts'
import { type FactsSource, readFacts } from '../../../src/cli/read-facts.ts'
import { readCluster } from '../../../src/cluster/index.ts'
import { CHECK_OPTIONS, injectOptionsOf, readOptions } from '../../../src/config/index.ts'
import type { Problem } from '../../../src/inject/index.ts'

export interface ReadFolder extends FactsSource {
  facts(question?: Pick<FactsSource, 'namespace' | 'target'>): Promise<ClusterFacts>
}

export async function readFolder(folder: string): Promise<ReadFolder> {
  const options = readOptions(CHECK_OPTIONS, { args: ['--cluster', folder], env: {} })
  const problems: Problem[] = []
  const reading = { onProblem: (problem: Problem) => void problems.push(problem), allDeployments: true }
  const cluster = await readCluster(options, reading)
  const source = { ...cluster, problems, injectOptions: injectOptionsOf(options) }
  return { ...source, facts: (question) => readFacts({ ...source, ...question }) }
}
