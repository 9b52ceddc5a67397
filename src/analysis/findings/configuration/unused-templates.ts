/** Templates of the operator's own that no pod gets. */
import { annotationOf } from '../../../kube/index.ts'
import { makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import { templatesToTry } from './built-in-trials.ts'
import { placeOfKey, usableConfig } from './texts.ts'

/** Istio's chart installs them, even if they are not used. */
const OF_THE_CHART: ReadonlySet<string> = new Set([
  'sidecar',
  'gateway',
  'grpc-simple',
  'grpc-agent',
  'spire',
])

export const unusedTemplates: Rule<'configuration'> = {
  subject: 'configuration',
  codes: ['template-unused'],
  needs: [],
  commandsOnly: true,
  find({ revision }, facts) {
    const config = usableConfig(revision)
    const workloads = facts.workloads()
    // Without workloads it is unknown which templates are used.
    if (config === undefined || workloads.length === 0) return []
    const { injector, name, inputs } = config
    const asked = workloads.flatMap(({ pod }) =>
      (annotationOf(pod, 'inject.istio.io/templates') ?? '').split(',').map((word) => word.trim()),
    )
    const used = new Set(
      [...injector.defaultTemplates, ...asked].flatMap((word) => [
        word,
        ...(injector.aliases.get(word) ?? []),
      ]),
    )
    const ofController = new Set(templatesToTry(config).others)
    return [...injector.templates.keys()]
      .filter((template) => ![used, OF_THE_CHART, ofController].some((names) => names.has(template)))
      .map((template) =>
        makeFinding('template-unused', {
          revision: name,
          where: { ...placeOfKey(inputs, 'config'), template },
          message: `no workload selects template ${template}, and it is not a default template`,
          expected: 'a template that pods get',
        }),
      )
  },
}
