/**
 * Mistakes in the output of templates that Istio does not report: fields that a Pod does not have, repeated keys, and
 * `<no value>` for a missing value.
 */
import { describeExpression, missingKeys, type RevisionConfig } from '../../../inject/index.ts'
import { findLine, JsonError, type JsonValue, parseYaml } from '../../../json/index.ts'
import { annotationOf, type StrictRemark, strictRemarks } from '../../../kube/index.ts'
import { type TemplateOutput, templateOutputs } from '../../explain/template-lines.ts'
import type { ClusterFacts } from '../cluster-facts.ts'
import { type Finding, makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import { requestOf } from '../trial-pod.ts'
import { builtInTrials, TRIAL_NAMESPACE, templatesToTry } from './built-in-trials.ts'
import { placeOfKey, usableConfig } from './texts.ts'

export const templateFields: Rule<'configuration'> = {
  subject: 'configuration',
  codes: ['template-field-unknown', 'key-repeated', 'template-value-missing'],
  needs: [],
  commandsOnly: true,
  find({ revision }, facts) {
    const config = usableConfig(revision)
    if (config === undefined) return []
    const found = new Map<string, Finding>()
    for (const output of outputsOf(config, facts)) {
      for (const finding of remarksOn(output, config)) {
        const { code, where, message } = finding
        const what = where.path?.replace(/\d+/g, '*') ?? message
        const key = JSON.stringify([code, where.template, what, where.line])
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

function remarksOn(output: TemplateOutput, config: RevisionConfig): readonly Finding[] {
  const { name, inputs } = config
  const { template } = output
  const { text } = output.output
  const repeated: { readonly key: string; readonly line: number }[] = []
  // Istio's templates repeat the names of the pod's own volumes.
  const hasOwn = annotationOf(output.request.object, 'sidecar.istio.io/userVolume') !== undefined
  const value = read(text, (key, line) => {
    if (!hasOwn) repeated.push({ key, line })
  })
  const place = (path: string, written: number | undefined) => {
    const line = written === undefined ? undefined : output.output.templateLine(written)
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
        message: `the template writes ${JSON.stringify(key)} twice in the same map; the last value is used`,
        expected: 'each key once',
      }),
    ),
    ...missingValues(output, config),
  ]
}

/** What Go prints for a key that a map does not have. */
const NO_VALUE = '<no value>'

function missingValues(
  { template, output, request }: TemplateOutput,
  { name, inputs, values }: RevisionConfig,
): readonly Finding[] {
  const { text } = output
  if (!text.includes(NO_VALUE)) return []
  const facts = { pod: request.object, values: values.map }
  const isMissing = (span: { readonly start: number; readonly end: number }) =>
    text.slice(span.start, span.end).includes(NO_VALUE)
  return output.expressions(isMissing).map((written) => {
    const keys = missingKeys(written, facts)
    const why =
      keys.length === 0
        ? ''
        : `, because the values have no ${keys.map((key) => `.Values.${key}`).join(' and no ')}`
    return makeFinding('template-value-missing', {
      revision: name,
      where: { ...placeOfKey(inputs, 'config'), template, line: written.line },
      message: `${describeExpression(written)} writes ${NO_VALUE}${why}`,
      expected: 'a value, or a default in the template',
      fix:
        keys.length === 0
          ? undefined
          : `Set ${keys.map((key) => `\`${key}\``).join(' and ')} in the values of the revision, or correct the template.`,
    })
  })
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
