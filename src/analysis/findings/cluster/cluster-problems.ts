/** Problems of reading the cluster and of building the snapshot, as findings; configurations are checked elsewhere. */
import type { Severity } from '../../../inject/index.ts'
import { makeFinding } from '../finding.ts'
import { configurationCodes, passedOn, readingCodes } from '../passed-on-codes.ts'
import type { Rule } from '../rule.ts'
import { IGNORED_CODES } from './ignored-definitions.ts'

/** Reported in parts by other checks. */
const ELSEWHERE: ReadonlySet<string> = new Set(['revision-warning', 'mesh-config-missing', ...IGNORED_CODES])

const EXPECTED: ReadonlyMap<string, string> = new Map([
  [
    'cluster-folder-empty',
    'manifests of Namespaces, ConfigMaps, Services, webhook configurations and workloads',
  ],
  ['revisions-missing', 'an injector ConfigMap for every revision'],
  ['revision-in-two-namespaces', 'one injector ConfigMap for a revision'],
  ['tag-without-revision', 'a tag that points to an installed revision'],
  ['webhook-namespace-not-read', 'control planes in namespaces that Remora may read'],
  ['registration-without-revision', 'a revision for every active registration'],
  ['manifest-malformed', 'YAML or JSON of Kubernetes objects'],
  ['object-malformed', 'an object that is valid for its kind'],
  ['object-defined-twice', 'every object once'],
  ['istio-version-too-old', 'Istio 1.9 or newer'],
])

/** Problems that do not stop a configuration from serving, or only prevent a complete check. */
const SEVERITY: ReadonlyMap<string, Severity> = new Map([
  ['cluster-api-unreachable', 'warning'],
  ['cluster-api-refused', 'warning'],
  ['nodes-not-read', 'warning'],
])

const PASSED_ON = [...readingCodes, ...configurationCodes] as const

export const clusterProblems: Rule<'cluster'> = {
  subject: 'cluster',
  codes: PASSED_ON,
  needs: [],
  commandsOnly: true,
  find(_, { problems, snapshot }) {
    const revisions = [...snapshot.revisions.values()]
    return problems.flatMap((problem) => {
      const { code, message } = problem
      if (ELSEWHERE.has(code)) return []
      // If its texts are known, another check reports the parts of the configuration.
      const of = revisions.find((revision) => revision.problem?.message === message)
      if (of?.newest !== undefined) return []
      return [
        makeFinding(passedOn(code, PASSED_ON, 'config-invalid'), {
          revision: of?.name ?? problem.revision,
          where: { object: problem.where ?? (of === undefined ? 'the cluster' : `revision ${of.name}`) },
          message,
          expected: EXPECTED.get(code) ?? 'a cluster that can be read completely',
          severity: SEVERITY.get(code),
        }),
      ]
    })
  },
}
