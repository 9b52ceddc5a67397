/**
 * Tries every configuration on the built-in pods, with the default templates and with each other one that a pod can
 * select. Templates that write whole objects are for Istio's gateway controller, which gives them other data than pods
 * have: they are compiled but not tried.
 */

import type { RevisionConfig, Snapshot } from '../../../inject/index.ts'
import { PROXY_CONTAINER } from '../../../istio/index.ts'
import type { JsonObject } from '../../../json/index.ts'
import { metadataOf, objectAt, withMetadata } from '../../../kube/index.ts'
import type { ClusterFacts } from '../cluster-facts.ts'
import { few } from '../few.ts'
import { type Finding, type FindingPlace, makeFinding } from '../finding.ts'
import { withOrigins } from '../image-origin.ts'
import { passedOn, trialCodes } from '../passed-on-codes.ts'
import type { Rule } from '../rule.ts'
import { injectForTrial, inspectInjected, requestOf } from '../trial-pod.ts'
import { type BuiltInPod, builtInGateway, builtInPods } from './built-in-pods.ts'
import { placeOfKey, usableConfig } from './texts.ts'

const TEMPLATES = 'inject.istio.io/templates'
/** Not a namespace of the cluster, so it has no labels and annotations. */
export const TRIAL_NAMESPACE = 'remora-check'

export interface TemplatesToTry {
  /** Each as the annotation names it; undefined: the default templates. */
  readonly tried: readonly (string | undefined)[]
  /** For the gateway controller. */
  readonly others: readonly string[]
}

export function templatesToTry({ injector }: RevisionConfig): TemplatesToTry {
  const isOthers = (name: string) => /^\s*kind:\s+(?!Pod\b)\S/m.test(injector.templates.get(name) ?? '')
  const defaults = new Set(injector.defaultTemplates)
  const names = [...injector.templates.keys()].filter((name) => !defaults.has(name))
  const pods = names.filter((name) => !isOthers(name))
  return {
    tried: [undefined, ...pods, ...injector.aliases.keys()],
    others: names.filter(isOthers),
  }
}

/** The pods with the annotation that selects the templates; undefined: the default ones. */
export function builtInTrials(
  templates: string | undefined,
  { injector }: RevisionConfig,
): readonly BuiltInPod[] {
  if (templates === undefined) return builtInPods
  const names = templates.split(',').flatMap((name) => injector.aliases.get(name) ?? [name])
  const bringsProxy = names.some((name) => injector.templates.get(name)?.includes(PROXY_CONTAINER) === true)
  return [...builtInPods, builtInGateway]
    .filter(({ ofProxy }) => bringsProxy || ofProxy !== true)
    .map(({ name, pod }) => {
      const annotations = { ...objectAt(metadataOf(pod), 'annotations'), [TEMPLATES]: templates }
      return { name, pod: withMetadata(pod, { annotations }) }
    })
}

export const builtInPodsRule: Rule<'configuration'> = {
  subject: 'configuration',
  codes: trialCodes,
  needs: [],
  commandsOnly: true,
  find({ revision }, facts) {
    const config = usableConfig(revision)
    // The report of a target names no other revision.
    if (config === undefined || (facts.target ?? revision.name) !== revision.name) return []
    const namespace = { labels: new Map(), annotations: new Map() }
    const namespaces = new Map([...facts.snapshot.namespaces, [TRIAL_NAMESPACE, namespace]])
    const bench: Bench = { facts, snapshot: { ...facts.snapshot, namespaces } }
    return templatesToTry(config).tried.flatMap((templates) => tryAsMeant(templates, config, bench))
  },
}

interface Bench {
  readonly facts: ClusterFacts
  /** With the namespace of the built-in pods. */
  readonly snapshot: Snapshot
}

/** Some templates are complete, others are merged over the default ones. The better result is reported. */
function tryAsMeant(templates: string | undefined, config: RevisionConfig, bench: Bench): readonly Finding[] {
  const alone = tryTemplates(templates, config, bench)
  if (alone.length === 0 || templates === undefined) return alone
  const over = [...config.injector.defaultTemplates, templates].join(',')
  const laidOver = tryTemplates(over, config, bench)
  return laidOver.length < alone.length ? laidOver : alone
}

interface Failure {
  readonly finding: Finding
  readonly pods: string[]
}

/** Failures with the same cause are reported once, with the pods that fail. */
function tryTemplates(
  templates: string | undefined,
  config: RevisionConfig,
  bench: Bench,
): readonly Finding[] {
  const failures = new Map<string, Failure>()
  for (const { name, pod } of builtInTrials(templates, config)) {
    for (const found of tryPod(pod, templates, config, bench)) {
      const key = JSON.stringify([found.code, found.where, found.message])
      const known = failures.get(key)
      if (known === undefined) failures.set(key, { finding: found, pods: [name] })
      else known.pods.push(name)
    }
  }
  const asked = templates === undefined ? '' : `${TEMPLATES}: ${templates}; `
  return [...failures.values()].map(({ finding, pods }) => ({
    ...finding,
    message: `${finding.message} (${asked}built-in pods ${few(pods)})`,
  }))
}

function tryPod(
  pod: JsonObject,
  templates: string | undefined,
  config: RevisionConfig,
  { facts, snapshot }: Bench,
): readonly Finding[] {
  const revision = config.name
  const key = placeOfKey(config.inputs, 'config')
  const trial = { revision, namespace: TRIAL_NAMESPACE, pod }
  const outcome = injectForTrial(trial, snapshot, facts)
  switch (outcome.kind) {
    case 'skipped':
      return []
    case 'patched': {
      const template = templates === undefined || templates.includes(',') ? undefined : templates
      const where: FindingPlace = { ...key, ...(template === undefined ? {} : { template }) }
      const injection = { request: requestOf(trial, facts), snapshot, options: facts.options, config }
      return withOrigins(inspectInjected(pod, outcome.pod), injection).map(
        ({ code, message, expected, fix, place }) =>
          makeFinding(code, { revision, where: { ...where, ...place }, message, expected, fix }),
      )
    }
    case 'refused':
    case 'fault': {
      const { code, message } = outcome
      const place = outcome.kind === 'refused' ? outcome.place : undefined
      return [
        makeFinding(passedOn(code, trialCodes, 'internal-error'), {
          revision,
          where: { ...key, ...place },
          message,
          expected: 'every built-in pod is injected',
          fix: place === undefined ? undefined : 'Correct the template, or the value that it reads.',
        }),
      ]
    }
  }
}
