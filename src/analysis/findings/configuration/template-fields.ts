/** Fields that templates write and a Pod does not have: they have no effect, and nothing else says so. */
import type { RevisionConfig } from '../../../inject/index.ts'
import { JsonError, type JsonValue, parseYaml } from '../../../json/index.ts'
import { annotationOf, type StrictRemark, strictRemarks } from '../../../kube/index.ts'
import { type TemplateOutput, templateOutputs } from '../../explain/template-lines.ts'
import type { ClusterFacts } from '../cluster-facts.ts'
import { type Finding, makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import { requestOf } from '../trial-pod.ts'
import { builtInTrials, TRIAL_NAMESPACE, templatesToTry } from './built-in-trials.ts'
import { findLine } from './find-line.ts'
import { placeOfKey, usableConfig } from './texts.ts'

export const templateFields: Rule<'configuration'> = {
  subject: 'configuration',
  codes: ['template-field-unknown', 'key-repeated'],
  needs: [],
  find({ revision }, facts) {
    const config = usableConfig(revision)
    if (config === undefined) return []
    const found = new Map<string, Finding>()
    for (const output of outputsOf(config, facts)) {
      for (const finding of remarksOn(output, config)) {
        const { code, where } = finding
        const key = JSON.stringify([code, where.template, where.path?.replace(/\d+/g, '*'), where.line])
        if (!found.has(key)) found.set(key, finding)
      }
    }
    return [...found.values()]
  },
}

function outputsOf(config: RevisionConfig, facts: ClusterFacts): readonly TemplateOutput[] {
  const namespace = { labels: new Map(), annotations: new Map() }
  const namespaces = new Map([...facts.snapshot.namespaces, [TRIAL_NAMESPACE, namespace]])
  const requests = templatesToTry(config).tried.flatMap((templates) =>
    builtInTrials(templates, config).map(({ pod }) =>
      requestOf({ revision: config.name, namespace: TRIAL_NAMESPACE, pod }, facts),
    ),
  )
  const snapshot = { ...facts.snapshot, namespaces }
  return templateOutputs({ snapshot, options: facts.options, config }, requests)
}

function remarksOn(output: TemplateOutput, { name, inputs }: RevisionConfig): readonly Finding[] {
  const { template, text } = output
  const repeated: { readonly key: string; readonly line: number }[] = []
  // Istio's templates repeat the names of the pod's own volumes.
  const hasOwn = annotationOf(output.request.object, 'sidecar.istio.io/userVolume') !== undefined
  const value = read(text, (key, line) => {
    if (!hasOwn) repeated.push({ key, line })
  })
  const place = (path: string, written: number | undefined) => {
    const line = written === undefined ? undefined : output.lineOf(written)
    return { ...placeOfKey(inputs, 'config'), template, path, ...(line === undefined ? {} : { line }) }
  }
  return [
    ...strictRemarks('Pod', value, { ignoreCase: true })
      .filter(({ kind }) => kind === 'unknown')
      .map((remark) =>
        makeFinding('template-field-unknown', {
          revision: name,
          where: place(remark.path.join('.'), findLine(text, remark.path)),
          message: `${remark.path.at(-1)} is not a field of a ${remark.type}, so it has no effect`,
          expected: meantBy(remark),
        }),
      ),
    ...repeated.map(({ key, line }) =>
      makeFinding('key-repeated', {
        revision: name,
        where: place(key, line),
        message: `the template writes ${JSON.stringify(key)} twice in the same map; the last one counts`,
        expected: 'each key once',
      }),
    ),
  ]
}

function read(text: string, report: (key: string, line: number) => void): JsonValue {
  try {
    return parseYaml(text, { onRepeatedKey: (key, _, line) => report(key, line) })
  } catch (error) {
    // Trials report it.
    if (error instanceof JsonError) return null
    throw error
  }
}

function meantBy({ meant }: StrictRemark): string {
  return meant === undefined ? 'a field of Pods' : `probably ${meant}`
}
